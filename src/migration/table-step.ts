import { quoteIdentifier } from "../postgres/identifiers.ts";
import type { Finding } from "./finding.ts";
import { FEED_TRIGGERS, FENCE_TRIGGERS, tableName } from "./names.ts";
import { obstacle } from "./obstacle.ts";
import { forgetProvenance, isOurs, provenanceOf, recordProvenance } from "./provenance.ts";
import type { Situation } from "./situation.ts";
import type { Loss, Section, Step } from "./step.ts";
import {
  addition,
  additionsTo,
  isWhole,
  madeWith,
  NO_ADDITIONS,
  type TableAdditions,
  without,
} from "./table-additions.ts";
import type { TableDefinition } from "./table-definition.ts";
import { createTable, differences, dropTable, findGraftTable, missingIndexes, placeOf } from "./table-sql.ts";

/** What is particular to a step that makes one table of the graft. */
export interface TableStepOptions {
  readonly id: string;
  readonly table: TableDefinition;
  readonly reason: string;
  /** What dropping the table would lose; without it, nothing in it is worth refusing or waiting for. */
  readonly loss?: TableLoss;
}

/** A condition over the rows of a table, given the columns that it was made with, and how a person says it. */
interface TableLoss {
  readonly where: (columns: readonly string[]) => string;
  readonly label: string;
}

/** A step that makes one table of the graft, empty and without its foreign key: it locks nothing. */
export function tableStep({ id, table, reason, loss }: TableStepOptions): Step {
  return {
    id,
    title: (situation) => `Create ${placeOf(situation, table)}`,
    reason: () => reason,
    isWanted: () => true,
    isDone: (situation) => tableStands(situation, table) && isWhole(missing(situation, table)),
    up: (situation) => {
      if (!tableStands(situation, table)) return [creation(situation, id, table)];
      const additions = missing(situation, table);
      return isWhole(additions) ? [] : addition(situation, id, table, additions);
    },
    isPresent: (situation) => provenanceOf(situation, "table", table.name) !== undefined,
    down: (situation) => [
      ownsTable(situation, table) ? removal(situation, table) : release(situation, table),
    ],
    obstacles: (situation) => changes(situation, table),
    losses: (situation) => (loss === undefined ? [] : countLoss(situation, table, loss)),
    fences: (situation) =>
      loss === undefined || !ownsTable(situation, table)
        ? []
        : [{ table: tableName(situation, table), insert: "true", update: changed(situation, table) }],
  };
}

/** Whether the table stands as it was made, recorded as the graft's or as adopted. */
function tableStands(situation: Situation, table: TableDefinition): boolean {
  return (
    findGraftTable(situation, table) !== undefined &&
    provenanceOf(situation, "table", table.name) !== undefined
  );
}

/** What a table of our own was made without, by an earlier version. */
function missing(situation: Situation, table: TableDefinition): TableAdditions {
  const relation = findGraftTable(situation, table);
  if (relation === undefined || !isOurs(situation, "table", table.name)) return NO_ADDITIONS;
  return additionsTo(situation, table, relation);
}

/** Whether the table is there, or will be, as the graft's own. */
export function ownsTable(situation: Situation, table: TableDefinition): boolean {
  return findGraftTable(situation, table) === undefined || isOurs(situation, "table", table.name);
}

function creation(situation: Situation, id: string, table: TableDefinition): Section {
  const record = recordProvenance(situation.configuration.schema, [
    { kind: "table", name: table.name, origin: "graft", before: null, made: madeWith(table), step: id },
  ]);
  return { transactional: true, lock: "NONE", statements: [...createTable(situation, table), record] };
}

/** Sign-in reads and writes the table to the end: the lock that dropping it takes is had as on the users table. */
function removal(situation: Situation, table: TableDefinition): Section {
  const forget = forgetProvenance(situation.configuration.schema, [{ kind: "table", name: table.name }]);
  return {
    transactional: true,
    lock: "ACCESS EXCLUSIVE",
    ownTable: tableName(situation, table),
    statements: [dropTable(situation, table), forget],
  };
}

/** An adopted table stays; only the record of the adoption goes. */
function release(situation: Situation, table: TableDefinition): Section {
  const forget = forgetProvenance(situation.configuration.schema, [{ kind: "table", name: table.name }]);
  return { transactional: true, lock: "NONE", statements: [forget] };
}

function countLoss(situation: Situation, table: TableDefinition, loss: TableLoss): Loss[] {
  if (findGraftTable(situation, table) === undefined || !ownsTable(situation, table)) return [];
  const where = loss.where(standingColumns(situation, table));
  const sql = `SELECT count(*) AS count FROM ${tableName(situation, table)} WHERE ${where}`;
  return [{ kind: table.name, sql, label: loss.label }];
}

/** The columns of it that stand: `down` also takes out what an earlier version made. */
function standingColumns(situation: Situation, table: TableDefinition): string[] {
  return without(table, missing(situation, table)).columns.map(({ name }) => name);
}

/** Foreign keys write `user_id` when the application deletes or renumbers a user: that must go on. */
function changed(situation: Situation, table: TableDefinition): string {
  const names = standingColumns(situation, table).filter((name) => name !== "user_id");
  const row = (side: string) => `ROW(${names.map((name) => `${side}.${quoteIdentifier(name)}`).join(", ")})`;
  return `${row("NEW")} IS DISTINCT FROM ${row("OLD")}`;
}

/** Differences since the graft made the table: a person has to say what they mean before anything goes on. */
function changes(situation: Situation, table: TableDefinition): Finding[] {
  const relation = findGraftTable(situation, table);
  if (relation === undefined || !isOurs(situation, "table", table.name)) return [];
  const expected = without(table, missing(situation, table));
  const found = [
    ...differences(situation, expected, relation),
    ...missingIndexes(expected, relation).map((name) => `the index ${name} is missing or invalid`),
    ...unknownTriggers(relation.triggers.map((trigger) => trigger.name)),
  ];
  if (found.length === 0) return [];
  return [
    obstacle(
      "graft_table_changed",
      placeOf(situation, table),
      `${placeOf(situation, table)} is not as the graft made it: ${found.join("; ")}.`,
      "Undo that change by hand; Authgraft neither guesses what it was for nor overwrites it.",
    ),
  ];
}

function unknownTriggers(names: readonly string[]): string[] {
  const known: readonly string[] = [...Object.values(FENCE_TRIGGERS), ...Object.values(FEED_TRIGGERS)];
  return names.filter((name) => !known.includes(name)).map((name) => `the trigger ${name} was added`);
}
