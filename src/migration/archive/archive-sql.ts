import { qualify, quoteIdentifier, quoteIdentifiers, quoteLiteral } from "../../postgres/identifiers.ts";
import { displayName } from "../../users-table/find-table.ts";
import { revokeDefaults } from "../default-grants.ts";
import { archiveSchemaName, tableName, usersTable } from "../names.ts";
import type { Situation } from "../situation.ts";
import { findGraftTable } from "../table-sql.ts";
import { ownsTable } from "../table-step.ts";
import { ALL_TABLES, type TableDefinition, USER_TABLES } from "../tables.ts";
import { ownColumns } from "../users-objects.ts";
import { VERSION } from "../version.ts";

/** The columns by which a row is known again: an id may have been given to somebody else meanwhile. */
function identifyingColumns({ mapping }: Situation): string[] {
  return [mapping.id, mapping.created_at, mapping.username].filter((name): name is string => name !== null);
}

/** The tables of the graft that stand and are its own. */
function archivedTables(situation: Situation): TableDefinition[] {
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
  const tables = archivedTables(situation);
  const names = ["archive", "users", ...tables.map((table) => table.name)];
  return [
    `CREATE SCHEMA ${quoteIdentifier(schema)} AUTHORIZATION ${owner}`,
    revokeDefaults(situation, "schemas", quoteIdentifier(schema)),
    `CREATE TABLE ${qualify(schema, "archive")} AS SELECT now() AS archived_at, current_user::text AS archived_by, ${quoteLiteral(VERSION)}::text AS version, ` +
      `${quoteLiteral(displayName(situation.users.schema, situation.users.name))}::text AS users_table`,
    copyUsers(situation, schema, tables),
    ...tables.map(
      (table) => `CREATE TABLE ${qualify(schema, table.name)} AS TABLE ${tableName(situation, table)}`,
    ),
    `ALTER TABLE ${qualify(schema, "users")} ADD PRIMARY KEY (${quoteIdentifier(situation.mapping.id)})`,
    ...names.flatMap((name) => [
      `ALTER TABLE ${qualify(schema, name)} OWNER TO ${owner}`,
      revokeDefaults(situation, "tables", qualify(schema, name)),
    ]),
  ];
}

/** Everybody who has a value or a row in a table of the graft, with what they are known again by. */
function copyUsers(situation: Situation, schema: string, tables: readonly TableDefinition[]): string {
  const columns = ownColumns(situation);
  const id = quoteIdentifier(situation.mapping.id);
  const known = [
    ...columns.map((column) => column.holdsValue(quoteIdentifier(column.name))),
    ...USER_TABLES.filter((table) => tables.includes(table)).map(
      (table) => `${id} IN (SELECT "user_id" FROM ${tableName(situation, table)})`,
    ),
  ];
  const names = [...identifyingColumns(situation), ...columns.map((column) => column.name)];
  return (
    `CREATE TABLE ${qualify(schema, "users")} AS SELECT ${quoteIdentifiers(names)} FROM ${usersTable(situation)} ` +
    `WHERE ${known.length === 0 ? "false" : known.join(" OR ")}`
  );
}
