import { quoteIdentifier } from "../../postgres/identifiers.ts";
import { tableName } from "../names.ts";
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
    statements: [`ALTER TABLE ${tableName(situation, table)} VALIDATE CONSTRAINT ${name}`],
  };
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
  return [{ transactional: true, lock: "ACCESS EXCLUSIVE", alsoLocks, statements: drops }];
}
