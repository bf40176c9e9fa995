import {
  nameWithSuffix,
  qualify,
  quoteIdentifier,
  quoteIdentifiers,
  quoteLiteral,
} from "../postgres/identifiers.ts";
import { findColumn, type Relation } from "../users-table/relation.ts";
import { revokeDefaults } from "./default-grants.ts";
import { schemaOf, tableName, usersTable } from "./names.ts";
import type { Situation } from "./situation.ts";
import { type ColumnDefinition, type TableDefinition, USER_ID } from "./table-definition.ts";

/** The type that a user's id has in every table of the graft: the users table's own, collation and all. */
function userIdType(situation: Situation): string {
  const column = findColumn(situation.users, situation.mapping.id);
  if (column === undefined) throw new TypeError(`the users table has no column ${situation.mapping.id}`);
  return column.collation === null ? column.type : `${column.type} COLLATE ${column.collation}`;
}

/** The statements that make a table of the graft, without its foreign key. */
export function createTable(situation: Situation, table: TableDefinition): string[] {
  const name = tableName(situation, table);
  const lines = [
    ...table.columns.map((column) => columnLine(situation, table, column)),
    `CONSTRAINT ${quoteIdentifier(primaryKeyName(table))} PRIMARY KEY (${quoteIdentifiers(table.primaryKey)})`,
    ...table.unique.map(
      (columns) =>
        `CONSTRAINT ${quoteIdentifier(uniqueName(table, columns))} UNIQUE (${quoteIdentifiers(columns)})`,
    ),
  ];
  return [
    `CREATE TABLE ${name} (\n  ${lines.join(",\n  ")}\n)`,
    ...table.indexes.map(
      (index) =>
        `CREATE INDEX ${quoteIdentifier(index.name)} ON ${name} (${quoteIdentifiers(index.columns)})`,
    ),
    `COMMENT ON TABLE ${name} IS ${quoteLiteral(table.comment)}`,
    ...ownership(situation, table),
  ];
}

/** A column as CREATE TABLE and ADD COLUMN write it. */
export function columnLine(situation: Situation, table: TableDefinition, column: ColumnDefinition): string {
  const type = column.type === USER_ID ? userIdType(situation) : column.type;
  const parts = [quoteIdentifier(column.name), type];
  if (column.identity)
    parts.push(`GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME ${sequenceName(situation, table, column)})`);
  if (column.default !== undefined) parts.push(`DEFAULT ${column.default}`);
  if (column.notNull) parts.push("NOT NULL");
  return parts.join(" ");
}

function sequenceName(situation: Situation, table: TableDefinition, column: ColumnDefinition): string {
  return qualify(schemaOf(situation, table), nameWithSuffix(`${table.name}_${column.name}`, "_seq"));
}

/** The objects belong to the users table's owner, and nobody else is granted them. */
function ownership(situation: Situation, table: TableDefinition): string[] {
  const name = tableName(situation, table);
  const sequences = table.columns
    .filter((column) => column.identity)
    .map((column) => sequenceName(situation, table, column));
  return [
    `ALTER TABLE ${name} OWNER TO ${quoteIdentifier(situation.users.owner)}`,
    revokeDefaults(situation, "tables", name),
    ...sequences.map((sequence) => revokeDefaults(situation, "sequences", sequence)),
  ];
}

/** The foreign key's name. */
export function foreignKeyName(table: TableDefinition): string {
  return nameWithSuffix(table.name, "_user_id_fkey");
}

/** Adds the foreign key without looking at the rows that are there. */
export function addForeignKey(situation: Situation, table: TableDefinition): string {
  return (
    `ALTER TABLE ${tableName(situation, table)} ADD CONSTRAINT ${quoteIdentifier(foreignKeyName(table))} ` +
    `FOREIGN KEY ("user_id") REFERENCES ${usersTable(situation)} (${quoteIdentifier(situation.mapping.id)}) ` +
    `ON UPDATE CASCADE ON DELETE ${table.onUserDelete} NOT VALID`
  );
}

/** The foreign key as it stands, or undefined. */
export function findForeignKey(situation: Situation, table: TableDefinition) {
  const relation = findGraftTable(situation, table);
  return relation?.constraints.find(
    (constraint) =>
      constraint.type === "f" &&
      constraint.references === situation.users.oid &&
      constraint.columns.join() === "user_id" &&
      constraint.definition.includes("ON UPDATE CASCADE") &&
      constraint.definition.includes(`ON DELETE ${table.onUserDelete}`),
  );
}

/** A table of the graft as it stands, or undefined. */
export function findGraftTable(situation: Situation, table: TableDefinition): Relation | undefined {
  if (table.place === "users") return situation.revokedTokens ?? undefined;
  return situation.graft?.relations.find((relation) => relation.name === table.name);
}

/**
 * What differs between a table as it stands and its definition, in words; empty when it fits. Further
 * columns are no difference as long as rows can be written without naming them.
 */
export function differences(situation: Situation, table: TableDefinition, relation: Relation): string[] {
  if (relation.kind !== "r") return [`${relation.name} is not a plain table`];
  return [
    ...table.columns.flatMap((column) => columnDifferences(situation, relation, column)),
    ...foreignColumns(table, relation),
    ...keyDifferences(table, relation),
  ];
}

function columnDifferences(situation: Situation, relation: Relation, wanted: ColumnDefinition): string[] {
  const column = findColumn(relation, wanted.name);
  if (column === undefined) return [`there is no column "${wanted.name}"`];
  const id = findColumn(situation.users, situation.mapping.id);
  const type = wanted.type === USER_ID ? (id?.type ?? "") : wanted.type;
  const found: string[] = [];
  if (column.type !== type) found.push(`"${wanted.name}" is ${column.type} where ${type} is needed`);
  if (column.notNull !== wanted.notNull) {
    found.push(`"${wanted.name}" is ${column.notNull ? "NOT NULL" : "nullable"}`);
  }
  if (wanted.default !== undefined && column.default !== wanted.default) {
    found.push(`"${wanted.name}" has the default ${column.default ?? "NULL"}, not ${wanted.default}`);
  }
  return found;
}

function foreignColumns(table: TableDefinition, relation: Relation): string[] {
  return relation.columns
    .filter((column) => !table.columns.some((wanted) => wanted.name === column.name))
    .filter(
      (column) =>
        column.notNull && column.default === null && column.identity === "" && column.generated === "",
    )
    .map((column) => `"${column.name}" is NOT NULL without a default and not known to Authgraft`);
}

function keyDifferences(table: TableDefinition, relation: Relation): string[] {
  return [table.primaryKey, ...table.unique]
    .filter((columns) => !hasUniqueIndex(relation, columns))
    .map((columns) => `there is no unique index on (${columns.join(", ")})`);
}

function hasUniqueIndex(relation: Relation, columns: readonly string[]): boolean {
  return relation.indexes.some(
    (index) =>
      index.unique && index.valid && index.predicate === null && index.columns.join() === columns.join(),
  );
}

function primaryKeyName(table: TableDefinition): string {
  return nameWithSuffix(table.name, "_pkey");
}

function uniqueName(table: TableDefinition, columns: readonly string[]): string {
  return nameWithSuffix(`${table.name}_${columns.join("_")}`, "_key");
}

/** The names of the constraints and indexes that a table of the graft is made with. */
export function tableObjectNames(table: TableDefinition): string[] {
  return [
    primaryKeyName(table),
    foreignKeyName(table),
    ...table.unique.map((columns) => uniqueName(table, columns)),
    ...table.indexes.map(({ name }) => name),
  ];
}

/** The indexes beside the keys that do not stand, valid; one that begins with the same columns serves as well. */
export function missingIndexes(table: TableDefinition, relation: Relation): string[] {
  return table.indexes
    .filter(
      (wanted) => !relation.indexes.some((index) => index.valid && beginsWith(index.columns, wanted.columns)),
    )
    .map((index) => index.name);
}

function beginsWith(columns: readonly (string | null)[], wanted: readonly string[]): boolean {
  return wanted.every((name, place) => columns[place] === name);
}

/** The statement that drops a table of the graft. */
export function dropTable(situation: Situation, table: TableDefinition): string {
  return `DROP TABLE ${tableName(situation, table)}`;
}

/** Where a table of the graft stands, for a person. */
export function placeOf(situation: Situation, table: TableDefinition): string {
  return `${schemaOf(situation, table)}.${table.name}`;
}
