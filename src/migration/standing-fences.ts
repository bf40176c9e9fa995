import { qualify, quoteIdentifier } from "../postgres/identifiers.ts";
import { disarmFunction } from "./fence-function.ts";
import { FENCE_FUNCTION, FENCE_TRIGGERS, usersTable } from "./names.ts";
import type { Situation } from "./situation.ts";
import type { Section } from "./step.ts";

/** One trigger of a fence that stands. */
export interface StandingFence {
  /** Quoted. */
  readonly table: string;
  readonly trigger: string;
  /** A fence that could not be dropped is disarmed: it refuses nothing any more. */
  readonly refuses: boolean;
}

/** Every trigger of a fence that a `down` has left, or stands behind. */
export function standingFences(situation: Situation): StandingFence[] {
  const names: readonly string[] = Object.values(FENCE_TRIGGERS);
  const relations = [situation.users, situation.revokedTokens, ...(situation.graft?.relations ?? [])];
  const armed = situation.graft?.fenceFunction?.refuses ?? false;
  return relations.flatMap((relation) =>
    (relation?.triggers ?? [])
      .filter((trigger) => names.includes(trigger.name))
      .map((trigger) => ({
        table: qualify(relation?.schema ?? "", relation?.name ?? ""),
        trigger: trigger.name,
        refuses: armed && trigger.enabled !== "D",
      })),
  );
}

/** Whether anything of a fence stands, be it the function alone. */
export function fenceStands(situation: Situation): boolean {
  return standingFences(situation).length > 0 || (situation.graft?.fenceFunction ?? null) !== null;
}

/** Opens what a fence keeps closed, whoever holds the tables; nothing where it is open already. */
export function disarmFence(situation: Situation): Section[] {
  if (!situation.graft?.fenceFunction?.refuses) return [];
  return [{ transactional: true, lock: "NONE", statements: disarmFunction(situation) }];
}

/**
 * Takes every fence away, and the function behind it; that needs the strong lock, as dropping any trigger does.
 * Where a `down` was cut short after its fences had gone with their tables, the function alone is left.
 */
export function dropFences(situation: Situation): Section[] {
  const fences = standingFences(situation);
  const statements = [
    ...fences.map(({ table, trigger }) => `DROP TRIGGER IF EXISTS ${quoteIdentifier(trigger)} ON ${table}`),
    ...(situation.graft?.fenceFunction ? [dropFunction(situation)] : []),
  ];
  if (statements.length === 0) return [];
  if (fences.length === 0) return [{ transactional: true, lock: "NONE", statements }];
  const tables = [...new Set(fences.map(({ table }) => table))];
  const alsoLocks = tables.filter((table) => table !== usersTable(situation));
  return [{ transactional: true, lock: "ACCESS EXCLUSIVE", alsoLocks, statements }];
}

function dropFunction({ configuration }: Situation): string {
  return `DROP FUNCTION IF EXISTS ${qualify(configuration.schema, FENCE_FUNCTION)}()`;
}
