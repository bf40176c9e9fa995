import { quoteIdentifier } from "../../postgres/identifiers.ts";
import { displayName } from "../../users-table/find-table.ts";
import { tableName, usersTable } from "../names.ts";
import { recordProvenance } from "../provenance.ts";
import type { Situation } from "../situation.ts";
import type { Section, Step } from "../step.ts";
import { addForeignKey, findForeignKey, findGraftTable, foreignKeyName } from "../table-sql.ts";
import { ownsTable } from "../table-step.ts";
import { type TableDefinition, USER_TABLES } from "../tables.ts";

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
    lock: "SHARE ROW EXCLUSIVE",
    alsoLocks: missing.map((table) => tableName(situation, table)),
    statements: missing.map((table) => addForeignKey(situation, table)),
  };
  return [
    ...(missing.length === 0 ? [] : [add]),
    ...unvalidated.map((table) => validation(situation, table)),
  ];
}

function validation(situation: Situation, table: TableDefinition): Section {
  const name = quoteIdentifier(findForeignKey(situation, table)?.name ?? foreignKeyName(table));
  return {
    transactional: true,
    lock: "NONE",
    statements: [
      forgetUsersGone(situation, table),
      `ALTER TABLE ${tableName(situation, table)} VALIDATE CONSTRAINT ${name}`,
    ],
  };
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
  const statements = [...drops, ...rememberTable(situation)];
  return [{ transactional: true, lock: "ACCESS EXCLUSIVE", alsoLocks, statements }];
}

/** Until now the foreign keys told whose graft it is, whatever the users table is called by now; then its name does. */
function rememberTable(situation: Situation): string[] {
  const { users, configuration } = situation;
  const record = situation.graft?.provenance?.find((row) => row.kind === "schema");
  const users_table = displayName(users.schema, users.name);
  if (record === undefined || record.made?.users_table === users_table) return [];
  return [recordProvenance(configuration.schema, [{ ...record, made: { ...record.made, users_table } }])];
}
