import { quoteIdentifier } from "../../postgres/identifiers.ts";
import { displayName } from "../../users-table/find-table.ts";
import { tableName, usersTable } from "../names.ts";
import { recordProvenance, schemaRecord } from "../provenance.ts";
import type { Situation } from "../situation.ts";
import type { Section, Step } from "../step.ts";
import type { TableDefinition } from "../table-definition.ts";
import { addForeignKey, findForeignKey, findGraftTable, foreignKeyName } from "../table-sql.ts";
import { ownsTable } from "../table-step.ts";
import { ONE_TIME_TOKENS, SESSIONS, USER_TABLES } from "../tables.ts";

/** The foreign keys to the users table: added unvalidated in one transaction, then validated one by one. */
export const foreignKeysStep: Step = {
  id: "foreign-keys",
  title: () => "Tie the graft's tables to the users table",
  reason: () =>
    "NOT VALID skips the scan under the strong lock; all of them come in one transaction, so they queue once. VALIDATE blocks no reads or writes.",
  isWanted: () => true,
  isDone: (situation) => own(situation).every((table) => findForeignKey(situation, table)?.validated),
  isPresent: (situation) => own(situation).some((table) => findForeignKey(situation, table) !== undefined),
  up,
  down,
  obstacles: () => [],
  losses: () => [],
  fences: () => [],
};

/** An adopted `revoked_tokens` came with a foreign key of its own. */
function own(situation: Situation): TableDefinition[] {
  return USER_TABLES.filter((table) => ownsTable(situation, table));
}

function up(situation: Situation): Section[] {
  const missing = own(situation).filter((table) => findForeignKey(situation, table) === undefined);
  const unvalidated = own(situation).filter((table) => !findForeignKey(situation, table)?.validated);
  const add: Section = {
    transactional: true,
    lock: missing.length === 0 ? "NONE" : "SHARE ROW EXCLUSIVE",
    alsoLocks: missing.map((table) => tableName(situation, table)),
    statements: [
      ...missing.map((table) => addForeignKey(situation, table)),
      ...(wereOut(situation)
        ? [...endWaysIn(situation), ...remember(situation, { foreign_keys: "stand" })]
        : []),
    ],
  };
  return [
    // Most of them before the lock is asked for, so that it is held for a moment only.
    ...(wereOut(situation) ? [unlocked(endWaysIn(situation))] : []),
    ...(add.statements.length === 0 ? [] : [add]),
    ...unvalidated.map((table) => validation(situation, table)),
  ];
}

function unlocked(statements: readonly string[]): Section {
  return { transactional: true, lock: "NONE", statements };
}

/** Whether a `down` has taken the foreign keys out since they were made. */
function wereOut(situation: Situation): boolean {
  return schemaRecord(situation)?.made?.foreign_keys === "out";
}

/**
 * While they were out, a user may have been deleted and their id given to somebody else, who must not be signed in
 * by the sessions of the first, nor by the links. Nothing tells whose one is then, so all of them end.
 */
function endWaysIn(situation: Situation): string[] {
  return [SESSIONS, ONE_TIME_TOKENS].map((table) => `DELETE FROM ${tableName(situation, table)}`);
}

function validation(situation: Situation, table: TableDefinition): Section {
  const name = quoteIdentifier(findForeignKey(situation, table)?.name ?? foreignKeyName(table));
  return unlocked([
    forgetUsersGone(situation, table),
    `ALTER TABLE ${tableName(situation, table)} VALIDATE CONSTRAINT ${name}`,
  ]);
}

/** While an earlier foreign key was out, users were deleted without their rows. */
function forgetUsersGone(situation: Situation, table: TableDefinition): string {
  const id = quoteIdentifier(situation.mapping.id);
  const gone = `r."user_id" IS NOT NULL AND NOT EXISTS (SELECT FROM ${usersTable(situation)} u WHERE u.${id} = r."user_id")`;
  const name = tableName(situation, table);
  return table.onUserDelete === "SET NULL"
    ? `UPDATE ${name} r SET "user_id" = NULL WHERE ${gone}`
    : `DELETE FROM ${name} r WHERE ${gone}`;
}

/** Dropping a foreign key takes the strong lock on both tables; nothing is scanned. */
function down(situation: Situation): Section[] {
  const standing = own(situation).filter((table) => findGraftTable(situation, table) !== undefined);
  const planned = standing.length === 0 ? own(situation) : standing;
  const drops = planned.map((table) => {
    const name = findForeignKey(situation, table)?.name ?? foreignKeyName(table);
    return `ALTER TABLE ${tableName(situation, table)} DROP CONSTRAINT IF EXISTS ${quoteIdentifier(name)}`;
  });
  const alsoLocks = planned.map((table) => tableName(situation, table));
  const { users } = situation;
  const table = { users_table: displayName(users.schema, users.name), foreign_keys: "out" };
  const statements = [...drops, ...remember(situation, table)];
  return [{ transactional: true, lock: "ACCESS EXCLUSIVE", alsoLocks, statements }];
}

/**
 * As long as they stand, the foreign keys tell whose graft it is, whatever the users table is called by now; then
 * the record does, which also knows that they were out.
 */
function remember(situation: Situation, facts: Readonly<Record<string, string>>): string[] {
  const record = schemaRecord(situation);
  if (record === undefined) return [];
  const row = { ...record, made: { ...record.made, ...facts } };
  return [recordProvenance(situation.configuration.schema, [row])];
}
