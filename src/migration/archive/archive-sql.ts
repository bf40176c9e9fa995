import { qualify, quoteIdentifier, quoteIdentifiers, quoteLiteral } from "../../postgres/identifiers.ts";
import { displayName } from "../../users-table/find-table.ts";
import { archiveSchemaName, tableName, usersTable } from "../names.ts";
import type { Situation } from "../situation.ts";
import { findGraftTable } from "../table-sql.ts";
import { ownsTable } from "../table-step.ts";
import { ALL_TABLES, type TableDefinition } from "../tables.ts";
import { type AddedColumn, ownColumns } from "../users-objects.ts";
import { VERSION } from "../version.ts";

/** The columns by which a row is known again: an id may have been given to somebody else meanwhile. */
export function identifyingColumns({ mapping }: Situation): string[] {
  return [mapping.id, mapping.created_at, mapping.username].filter((name): name is string => name !== null);
}

/** The tables of the graft that stand and are its own. */
export function archivedTables(situation: Situation): TableDefinition[] {
  return ALL_TABLES.filter(
    (table) => findGraftTable(situation, table) !== undefined && ownsTable(situation, table),
  );
}

/**
 * The statements that copy everything of value into a schema that only the owner can read: the values of
 * the columns that will go, by user, and every table of the graft. One transaction: all of it or nothing.
 */
export function archiveStatements(situation: Situation): string[] {
  const schema = archiveSchemaName(situation.configuration.schema);
  const owner = quoteIdentifier(situation.users.owner);
  const columns = ownColumns(situation);
  const tables = archivedTables(situation);
  const names = ["archive", ...(columns.length === 0 ? [] : ["users"]), ...tables.map((table) => table.name)];
  return [
    `CREATE SCHEMA ${quoteIdentifier(schema)} AUTHORIZATION ${owner}`,
    `CREATE TABLE ${qualify(schema, "archive")} AS SELECT now() AS archived_at, ${quoteLiteral(VERSION)}::text AS version, ` +
      `${quoteLiteral(displayName(situation.users.schema, situation.users.name))}::text AS users_table`,
    ...(columns.length === 0 ? [] : [copyUsers(situation, schema, columns)]),
    ...tables.map(
      (table) => `CREATE TABLE ${qualify(schema, table.name)} AS TABLE ${tableName(situation, table)}`,
    ),
    ...(columns.length === 0
      ? []
      : [
          `ALTER TABLE ${qualify(schema, "users")} ADD PRIMARY KEY (${quoteIdentifier(situation.mapping.id)})`,
        ]),
    ...names.map((name) => `ALTER TABLE ${qualify(schema, name)} OWNER TO ${owner}`),
    `REVOKE ALL ON ALL TABLES IN SCHEMA ${quoteIdentifier(schema)} FROM PUBLIC`,
  ];
}

function copyUsers(situation: Situation, schema: string, columns: readonly AddedColumn[]): string {
  const held = columns
    .map((column) => column.holdsValue.replace("%", quoteIdentifier(column.name)))
    .join(" OR ");
  const names = [...identifyingColumns(situation), ...columns.map((column) => column.name)];
  return `CREATE TABLE ${qualify(schema, "users")} AS SELECT ${quoteIdentifiers(names)} FROM ${usersTable(situation)} WHERE ${held}`;
}
