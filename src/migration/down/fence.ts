import { quoteIdentifier } from "../../postgres/identifiers.ts";
import { armFunction, fenceFunction, forgetArchived } from "../fence-function.ts";
import { FENCE_TRIGGERS, usersTable } from "../names.ts";
import type { Situation } from "../situation.ts";
import { standingFences } from "../standing-fences.ts";
import type { Fence, Section, Step } from "../step.ts";

/**
 * The fence: triggers that refuse new values and let every other write pass. They fire AFTER the row is
 * final, so that no other trigger can slip a value in behind them, and ALWAYS, for replicated rows too.
 *
 * The lock that CREATE TRIGGER takes is had only when every older writer is gone, so a count that starts
 * after the commit sees all there is.
 *
 * @see https://www.postgresql.org/docs/current/sql-createtrigger.html
 */
export function fenceSection(situation: Situation, steps: readonly Step[]): Section | null {
  const fences = steps.flatMap((step) => step.fences(situation));
  if (fences.length === 0) return null;
  const others = fences.map((fence) => fence.table).filter((table) => table !== usersTable(situation));
  return {
    transactional: true,
    lock: "SHARE ROW EXCLUSIVE",
    alsoLocks: others,
    statements: [
      ...armFunction(situation),
      ...(archiveContinues(situation, steps) ? [] : [forgetArchived(situation)]),
      ...fences.flatMap((fence) => createTriggers(situation, fence)),
    ],
  };
}

function createTriggers(situation: Situation, { table, insert, update }: Fence): string[] {
  const triggers = [
    { name: FENCE_TRIGGERS.insert, event: "INSERT", condition: insert },
    { name: FENCE_TRIGGERS.update, event: "UPDATE", condition: update },
  ];
  return triggers.flatMap(({ name, event, condition }) => [
    `CREATE OR REPLACE TRIGGER ${quoteIdentifier(name)} AFTER ${event} ON ${table} FOR EACH ROW ` +
      `WHEN (${condition}) EXECUTE FUNCTION ${fenceFunction(situation)}`,
    `ALTER TABLE ${table} ENABLE ALWAYS TRIGGER ${quoteIdentifier(name)}`,
  ]);
}

/**
 * Whether the archive that stands is of this same `down`, interrupted: it was made behind the fence, which has
 * refused every new value since.
 */
export function archiveContinues(situation: Situation, steps: readonly Step[]): boolean {
  if (situation.archive === null || !situation.graft?.fenceFunction?.archived) return false;
  return fencesStand(situation, steps);
}

/** Whether every fence that these steps ask for stands and refuses. */
function fencesStand(situation: Situation, steps: readonly Step[]): boolean {
  const wanted = new Set(steps.flatMap((step) => step.fences(situation)).map((fence) => fence.table));
  const fenced = standingFences(situation).filter(({ refuses }) => refuses);
  return [...wanted].every((table) =>
    Object.values(FENCE_TRIGGERS).every((name) =>
      fenced.some((fence) => fence.table === table && fence.trigger === name),
    ),
  );
}
