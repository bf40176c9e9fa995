import { qualify, quoteIdentifier } from "../postgres/identifiers.ts";
import { FENCE_FUNCTION, FENCE_TRIGGERS, usersTable } from "./names.ts";
import type { Situation } from "./situation.ts";
import type { LockMode, Section } from "./step.ts";

/** One trigger of a fence that stands. */
export interface StandingFence {
  /** Quoted. */
  readonly table: string;
  readonly trigger: string;
  /** A fence that could not be dropped is disabled: it refuses nothing any more. */
  readonly enabled: boolean;
}

/** Every trigger of a fence that a `down` has left, or stands behind. */
export function standingFences(situation: Situation): StandingFence[] {
  const names: readonly string[] = Object.values(FENCE_TRIGGERS);
  const relations = [situation.users, situation.revokedTokens, ...(situation.graft?.relations ?? [])];
  return relations.flatMap((relation) =>
    (relation?.triggers ?? [])
      .filter((trigger) => names.includes(trigger.name))
      .map((trigger) => ({
        table: qualify(relation?.schema ?? "", relation?.name ?? ""),
        trigger: trigger.name,
        enabled: trigger.enabled !== "D",
      })),
  );
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
  if (fences.length > 0 || statements.length === 0) {
    return sectionOver(situation, fences, "ACCESS EXCLUSIVE", statements);
  }
  return [{ transactional: true, lock: "NONE", statements }];
}

function dropFunction({ configuration }: Situation): string {
  return `DROP FUNCTION IF EXISTS ${qualify(configuration.schema, FENCE_FUNCTION)}()`;
}

/** Makes every fence let everything pass: a lock that readers do not hold off is enough for that. */
export function disableFences(situation: Situation): Section[] {
  const fences = standingFences(situation).filter(({ enabled }) => enabled);
  const statements = fences.map(
    ({ table, trigger }) => `ALTER TABLE ${table} DISABLE TRIGGER ${quoteIdentifier(trigger)}`,
  );
  return sectionOver(situation, fences, "SHARE ROW EXCLUSIVE", statements);
}

function sectionOver(
  situation: Situation,
  fences: readonly StandingFence[],
  lock: LockMode,
  statements: readonly string[],
): Section[] {
  if (fences.length === 0) return [];
  const tables = [...new Set(fences.map(({ table }) => table))];
  const alsoLocks = tables.filter((table) => table !== usersTable(situation));
  return [{ transactional: true, lock, alsoLocks, statements }];
}
