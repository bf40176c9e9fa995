import { qualify, quoteIdentifier, quoteIdentifiers } from "../postgres/identifiers.ts";
import type { Relation } from "../users-table/relation.ts";
import { schemaOf, tableName } from "./names.ts";
import { provenanceOf, recordProvenance } from "./provenance.ts";
import type { ProvenanceRow, Situation } from "./situation.ts";
import type { Section } from "./step.ts";
import type { TableDefinition } from "./table-definition.ts";
import { columnLine, missingIndexes } from "./table-sql.ts";

/** What an earlier version made a table without, and the names of the indexes that another takes the place of. */
export interface TableAdditions {
  readonly columns: TableDefinition["columns"];
  readonly indexes: TableDefinition["indexes"];
  readonly replaced: readonly string[];
}

/** Nothing to add. */
export const NO_ADDITIONS: TableAdditions = { columns: [], indexes: [], replaced: [] };

/** What the record says that a table was made with. */
export function madeWith({ columns, indexes }: TableDefinition): Readonly<Record<string, unknown>> {
  return { columns: columns.map(({ name }) => name), indexes: indexes.map(({ name }) => name) };
}

/**
 * What is missing of a table because it was made by an earlier version. What is on record as made and is missing
 * was taken away by somebody, and is not put back unasked.
 */
export function additionsTo(
  situation: Situation,
  table: TableDefinition,
  relation: Relation,
): TableAdditions {
  const made = provenanceOf(situation, "table", table.name)?.made;
  const isNew = (kind: "columns" | "indexes", name: string) => {
    const names = made?.[kind];
    return !Array.isArray(names) || !names.includes(name);
  };
  const standing = relation.columns.map(({ name }) => name);
  const columns = table.columns.filter(
    ({ name, notNull, default: standard }) =>
      !standing.includes(name) && isNew("columns", name) && (!notNull || standard !== undefined),
  );
  const missing = missingIndexes(table, relation);
  const indexes = table.indexes.filter(({ name }) => missing.includes(name) && isNew("indexes", name));
  const indexed = relation.indexes.map(({ name }) => name);
  const replaced = replacedIndexes(situation, table).filter((name) => indexed.includes(name));
  return { columns, indexes, replaced };
}

/** The indexes on record as made that another takes the place of now; one that is not on record is somebody else's. */
export function replacedIndexes(situation: Situation, table: TableDefinition): string[] {
  const made = provenanceOf(situation, "table", table.name)?.made?.indexes;
  return (table.replaced ?? []).filter((name) => Array.isArray(made) && made.includes(name));
}

/** Whether there is nothing to add. */
export function isWhole({ columns, indexes, replaced }: TableAdditions): boolean {
  return columns.length === 0 && indexes.length === 0 && replaced.length === 0;
}

/** The same table without what is still to be added, to compare with what stands. */
export function without(
  table: TableDefinition,
  { columns, indexes }: Omit<TableAdditions, "replaced">,
): TableDefinition {
  return {
    ...table,
    columns: table.columns.filter((column) => !columns.includes(column)),
    indexes: table.indexes.filter((index) => !indexes.includes(index)),
  };
}

/** Adds it. Columns come without a scan; an index of a table that sign-in works on is built beside it, and dropped so. */
export function addition(
  situation: Situation,
  step: string,
  table: TableDefinition,
  additions: TableAdditions,
): Section[] {
  const name = tableName(situation, table);
  const adds = additions.columns.map((column) => `ADD COLUMN ${columnLine(situation, table, column)}`);
  const columns: Section = {
    ...{ transactional: true, lock: "ACCESS EXCLUSIVE", ownTable: name },
    statements: [`ALTER TABLE ${name} ${adds.join(", ")}`],
  };
  const record: ProvenanceRow = {
    ...{ kind: "table", name: table.name, origin: "graft", before: null },
    ...{ made: madeWith(table), step },
  };
  return [
    ...(adds.length === 0 ? [] : [columns]),
    ...additions.indexes.map((index) => build(situation, table, index)),
    ...additions.replaced.map((index) => replacement(situation, table, index)),
    {
      ...{ transactional: true, lock: "NONE" },
      statements: [recordProvenance(situation.configuration.schema, [record])],
    },
  ];
}

function build(
  situation: Situation,
  table: TableDefinition,
  { name, columns }: TableDefinition["indexes"][number],
): Section {
  const schema = schemaOf(situation, table);
  return {
    ...{ transactional: false, lock: "SHARE UPDATE EXCLUSIVE", ownTable: tableName(situation, table) },
    builds: { schema, index: name },
    statements: [
      `DROP INDEX CONCURRENTLY IF EXISTS ${qualify(schema, name)}`,
      `CREATE INDEX CONCURRENTLY ${quoteIdentifier(name)} ON ${tableName(situation, table)} (${quoteIdentifiers(columns)})`,
    ],
  };
}

function replacement(situation: Situation, table: TableDefinition, name: string): Section {
  return {
    ...{ transactional: false, lock: "SHARE UPDATE EXCLUSIVE", ownTable: tableName(situation, table) },
    statements: [`DROP INDEX CONCURRENTLY IF EXISTS ${qualify(schemaOf(situation, table), name)}`],
  };
}
