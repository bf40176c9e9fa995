import { qualify, quoteIdentifier, quoteLiteral } from "../../postgres/identifiers.ts";
import { displayName } from "../../users-table/find-table.ts";
import { revokeDefaults } from "../default-grants.ts";
import { markArchived } from "../fence-function.ts";
import { archiveSchemaName, tableName, usersTable } from "../names.ts";
import type { Archive, Situation } from "../situation.ts";
import type { TableDefinition } from "../table-definition.ts";
import { findGraftTable } from "../table-sql.ts";
import { ownsTable } from "../table-step.ts";
import { ALL_TABLES, MAIL_QUEUE, ONE_TIME_TOKENS, RATE_LIMITS, USER_TABLES } from "../tables.ts";
import { ownColumns } from "../users-objects.ts";
import { VERSION } from "../version.ts";
import { keyName, RESTORED_TABLES } from "./restored-tables.ts";

/** The columns by which a row is known again: an id may have been given to somebody else meanwhile. */
function identifyingColumns({ mapping }: Situation): string[] {
  return [mapping.id, mapping.created_at, mapping.username].filter((name): name is string => name !== null);
}

/** What is worth nothing by the time an archive is brought back, and lets somebody in until then. */
const SHORT_LIVED: readonly TableDefinition[] = [ONE_TIME_TOKENS, MAIL_QUEUE, RATE_LIMITS];

/** The tables of the graft that stand, are its own, and hold what is kept. */
function archivedTables(situation: Situation): TableDefinition[] {
  return ALL_TABLES.filter(
    (table) =>
      findGraftTable(situation, table) !== undefined &&
      ownsTable(situation, table) &&
      !SHORT_LIVED.includes(table),
  );
}

/** One statement of an archive, and what it does in words. */
export interface ArchiveStatement {
  readonly words: string;
  readonly sql: string;
}

/**
 * The statements that copy everything of value into a schema that only the owner can read: the values of
 * the columns that will go, by user, and every table of the graft but those of links, mail and limits. One transaction: all of it or nothing.
 */
export function archiveStatements(situation: Situation): ArchiveStatement[] {
  const schema = archiveSchemaName(situation.configuration.schema);
  const tables = archivedTables(situation);
  return [
    { words: `making the schema ${schema}`, sql: createSchema(situation, schema).join(";\n") },
    { words: `copying ${usersWords(situation)}`, sql: copyUsers(situation, schema, tables) },
    ...tables.map((table) => ({
      words: `copying ${table.name}`,
      sql: `CREATE TABLE ${qualify(schema, table.name)} AS TABLE ${tableName(situation, table)}`,
    })),
    ...indexes(situation, schema, tables),
    {
      words: "giving it to the owner of the users table",
      sql: [...ownership(situation, schema, tables), markArchived(situation)].join(";\n"),
    },
  ];
}

/** The statements that drop an archive; whatever else somebody has put into its schema keeps that. */
export function dropArchive({ schema, tables }: Archive): string[] {
  const drops = tables.map((name) => `DROP TABLE ${qualify(schema, name)}`);
  return [...drops, `DROP SCHEMA ${quoteIdentifier(schema)}`];
}

function createSchema(situation: Situation, schema: string): string[] {
  const owner = quoteIdentifier(situation.users.owner);
  return [
    `CREATE SCHEMA ${quoteIdentifier(schema)} AUTHORIZATION ${owner}`,
    revokeDefaults(situation, "schemas", quoteIdentifier(schema)),
    `CREATE TABLE ${qualify(schema, "archive")} AS SELECT now() AS archived_at, current_user::text AS archived_by, ${quoteLiteral(VERSION)}::text AS version, ` +
      `${quoteLiteral(displayName(situation.users.schema, situation.users.name))}::text AS users_table`,
  ];
}

function usersWords({ users }: Situation): string {
  const name = displayName(users.schema, users.name);
  const of = users.estimatedRows < 0 ? "" : ` (it has about ${users.estimatedRows.toLocaleString("en")})`;
  return `what is kept of the users in ${name}${of}`;
}

/**
 * Everybody who has a value or a row in a table of the graft, with what they are known again by. A join, which is
 * hashed and may spill to disk: an IN under an OR would search through the list anew for every user.
 */
function copyUsers(situation: Situation, schema: string, tables: readonly TableDefinition[]): string {
  const columns = ownColumns(situation);
  const id = quoteIdentifier(situation.mapping.id);
  const rows = USER_TABLES.filter((table) => tables.includes(table)).map(
    (table) => `SELECT "user_id" FROM ${tableName(situation, table)}`,
  );
  const known = [
    ...columns.map((column) => column.holdsValue(`u.${quoteIdentifier(column.name)}`)),
    ...(rows.length === 0 ? [] : [`r."user_id" IS NOT NULL`]),
  ];
  const names = [...identifyingColumns(situation), ...columns.map((column) => column.name)];
  return (
    `CREATE TABLE ${qualify(schema, "users")} AS SELECT ${names.map((name) => `u.${quoteIdentifier(name)}`).join(", ")} ` +
    `FROM ${usersTable(situation)} u ${rows.length === 0 ? "" : `LEFT JOIN (${rows.join(" UNION ")}) r ON r."user_id" = u.${id} `}` +
    `WHERE ${known.length === 0 ? "false" : known.join(" OR ")}`
  );
}

/** What bringing back goes by: it moves the rows in the order of their keys, and asks who else has an address. */
function indexes(
  situation: Situation,
  schema: string,
  tables: readonly TableDefinition[],
): ArchiveStatement[] {
  const { mapping } = situation;
  const users = qualify(schema, "users");
  const hasEmail = ownColumns(situation).some(({ name }) => name === mapping.email);
  return [
    {
      words: "indexing the users",
      sql: `ALTER TABLE ${users} ADD PRIMARY KEY (${quoteIdentifier(mapping.id)})`,
    },
    ...(hasEmail
      ? [
          {
            words: "indexing their addresses",
            sql: `CREATE INDEX ON ${users} (lower(${quoteIdentifier(mapping.email)} COLLATE "C"))`,
          },
        ]
      : []),
    ...RESTORED_TABLES.filter((table) => tables.includes(table)).map((table) => ({
      words: `indexing ${table.name}`,
      sql: `CREATE UNIQUE INDEX ON ${qualify(schema, table.name)} (${quoteIdentifier(keyName(table))})`,
    })),
  ];
}

function ownership(situation: Situation, schema: string, tables: readonly TableDefinition[]): string[] {
  const owner = quoteIdentifier(situation.users.owner);
  return ["archive", "users", ...tables.map((table) => table.name)].flatMap((name) => [
    `ALTER TABLE ${qualify(schema, name)} OWNER TO ${owner}`,
    revokeDefaults(situation, "tables", qualify(schema, name)),
  ]);
}
