import type { Queryable } from "../../../../postgres/client.ts";
import { qualify } from "../../../../postgres/identifiers.ts";
import { MIGRATION_RUNS, MIGRATION_STEPS, PROVENANCE } from "../../../journal-tables.ts";
import { archiveSchemaName } from "../../../names.ts";
import { REVOKED_TOKENS } from "../../../tables.ts";
import type { RowTable } from "./row-tables.ts";

/** What of a graft that stands in the source tells whose each object is: a part of the schema rather than rows. */
const JOURNAL: ReadonlySet<string> = new Set(
  [PROVENANCE, MIGRATION_RUNS, MIGRATION_STEPS].map(({ name }) => name),
);

/** Whose rows are copied, and which of their columns. */
export interface RowChoice {
  /** Comes always, as part of the schema. */
  readonly journal: readonly RowTable[];
  readonly tables: readonly RowTable[];
}

/** What the graft has on record as its own; empty where there is no graft. */
export interface GraftRecord {
  /** Of the users table, quoted. */
  readonly columns: readonly string[];
  readonly tables: readonly string[];
}

/**
 * Reads whose each object is, where there is a record of it.
 *
 * @throws an error of PostgreSQL's where it may not be read.
 */
export async function readGraftRecord(client: Queryable, schema: string): Promise<GraftRecord> {
  const provenance = qualify(schema, PROVENANCE.name);
  const { rows: there } = await client.query<{ there: boolean }>(
    "SELECT to_regclass($1) IS NOT NULL AS there",
    [provenance],
  );
  if (there[0]?.there !== true) return { columns: [], tables: [] };
  const { rows } = await client.query<{ kind: string; name: string; quoted: string }>(
    `SELECT kind, name, quote_ident(name) AS quoted FROM ${provenance} WHERE origin = 'graft' AND kind IN ('column', 'table')`,
  );
  return {
    columns: rows.filter(({ kind }) => kind === "column").map(({ quoted }) => quoted),
    tables: rows.filter(({ kind }) => kind === "table").map(({ name }) => name),
  };
}

/**
 * Of a graft that stands in the source, the schema and the journal come along, and no other row or value:
 * a rehearsal begins by taking the graft out, and what people have signed in with (password hashes, sessions,
 * signing keys, links that were mailed) would only lie about on a scratch server that may be anybody's. What
 * was the application's own before the graft is copied like all else of it.
 */
export function chooseRows(
  tables: readonly RowTable[],
  users: string,
  schema: string,
  record: GraftRecord,
): RowChoice {
  const usersSchema = tables.find(({ oid }) => oid === users)?.schema;
  const ours = (table: RowTable) =>
    table.schema === schema ||
    table.schema === archiveSchemaName(schema) ||
    (table.schema === usersSchema &&
      table.relation === REVOKED_TOKENS.name &&
      record.tables.includes(table.relation));
  const root = tables.find(({ oid }) => oid === users)?.root;
  return {
    journal: tables.filter((table) => table.schema === schema && JOURNAL.has(table.relation)),
    tables: tables
      .filter((table) => !ours(table))
      .map((table) => (table.root === root ? withoutColumns(table, record.columns) : table)),
  };
}

function withoutColumns(table: RowTable, columns: readonly string[]): RowTable {
  return { ...table, columns: table.columns.filter((column) => !columns.includes(column)) };
}
