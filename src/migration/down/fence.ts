import { qualify, quoteIdentifier, quoteLiteral } from "../../postgres/identifiers.ts";
import { FENCE_FUNCTION, FENCE_TRIGGERS, usersTable } from "../names.ts";
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
    statements: [createFunction(situation), ...fences.flatMap((fence) => createTriggers(situation, fence))],
  };
}

function fenceFunction(situation: Situation): string {
  return `${qualify(situation.configuration.schema, FENCE_FUNCTION)}()`;
}

function createFunction(situation: Situation): string {
  const body = `
BEGIN
  RAISE EXCEPTION 'authgraft is being taken out: new values for sign-in are refused on %', TG_TABLE_NAME
    USING ERRCODE = 'object_not_in_prerequisite_state';
END`;
  return (
    `CREATE OR REPLACE FUNCTION ${fenceFunction(situation)} RETURNS trigger LANGUAGE plpgsql ` +
    `SET search_path = pg_catalog AS ${quoteLiteral(body)};\n` +
    `ALTER FUNCTION ${fenceFunction(situation)} OWNER TO ${quoteIdentifier(situation.users.owner)}`
  );
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

/** Whether every fence that these steps ask for stands already, from a run that was interrupted. */
export function fencesStand(situation: Situation, steps: readonly Step[]): boolean {
  const wanted = new Set(steps.flatMap((step) => step.fences(situation)).map((fence) => fence.table));
  const fenced = standingFences(situation)
    .filter(({ enabled, trigger }) => enabled && trigger === FENCE_TRIGGERS.update)
    .map(({ table }) => table);
  return [...wanted].every((table) => fenced.includes(table));
}
