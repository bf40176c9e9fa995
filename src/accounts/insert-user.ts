import type { ColumnValue, Configuration } from "../config/schema.ts";
import { ConfigurationError } from "../errors.ts";
import { quoteIdentifier, quoteLiteral } from "../postgres/identifiers.ts";
import { type Column, findColumn, type Relation } from "../users-table/relation.ts";
import { userFields } from "./user.ts";
import type { UsersTable } from "./users-table.ts";

/** What differs from one new user to the next. */
export interface NewUser {
  readonly id?: string | undefined;
  readonly email: string;
  readonly username?: string | undefined;
  readonly display_name?: string | undefined;
  readonly password_hash: string;
}

/** A statement and its parameters. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

const PERSONAL = ["id", "email", "username", "display_name", "password_hash"] as const;

/** The INSERT of one new user; it gives back a User. What is not given keeps the column's own default. */
export function insertUser(
  table: UsersTable,
  configuration: Configuration["registration"],
  user: NewUser,
): Statement {
  const given = PERSONAL.filter((part) => user[part] !== undefined && table.mapping[part] !== null);
  const fixed = fixedValues(table, configuration.values);
  const columns = [...given.map((part) => table.mapping[part] ?? part), ...fixed.keys()];
  const expressions = [...given.map((_, place) => `$${place + 1}`), ...fixed.values()];
  return {
    text: `INSERT INTO ${table.name} AS u (${columns.map(quoteIdentifier).join(", ")})
      VALUES (${expressions.join(", ")}) RETURNING ${userFields(table, "not yet")}`,
    values: given.map((part) => user[part]),
  };
}

/** The columns that get the same value for every new user, each with its SQL. */
export function fixedValues(
  { mapping, relation }: UsersTable,
  configured: Readonly<Record<string, ColumnValue>>,
): Map<string, string> {
  const values = new Map<string, string>();
  const set = (name: string | null, sql: (column: Column) => string | null) => {
    const column = findColumn(relation, name);
    const expression = column === undefined ? null : sql(column);
    if (column !== undefined && expression !== null) values.set(column.name, expression);
  };
  set(mapping.is_admin, (column) =>
    column.baseType !== "bool" || column.default === "false" ? null : "false",
  );
  set(mapping.auth_provider, () => "'email'");
  set(mapping.auth_provider_id, () => "NULL");
  set(mapping.created_at, (column) => (hasValueOfItsOwn(column) ? null : moment(column)));
  for (const [name, value] of Object.entries(configured)) values.set(name, toSql(value));
  return values;
}

/** A `timestamp` without time zone is UTC here, whatever the session's time zone is. */
function moment({ baseType }: Column): string {
  return baseType === "timestamptz" ? "now()" : "now() AT TIME ZONE 'UTC'";
}

/** A constant is written without a type, so that it becomes the column's. */
function toSql(value: ColumnValue): string {
  if (value === null) return "NULL";
  return typeof value === "object" ? `(${value.sql})` : quoteLiteral(String(value));
}

function hasValueOfItsOwn(column: Column): boolean {
  return column.default !== null || column.identity !== "" || column.generated !== "";
}

/**
 * Checks that a new user can be written at all: `registration.values` names columns that there are and that
 * nothing else fills, and no NOT NULL column is left without a value (C6).
 *
 * @throws ConfigurationError `configuration_invalid`, naming every column.
 */
export function assertRegistrable(
  table: UsersTable,
  configuration: Configuration["registration"],
  hashLength: number,
): void {
  const configured = Object.keys(configuration.values);
  const personal = PERSONAL.map((part) => table.mapping[part]).filter((name) => name !== null);
  const problems = [
    ...configured.filter((name) => findColumn(table.relation, name) === undefined).map(missing),
    ...configured.filter((name) => personal.includes(name)).map(taken),
    ...unfilled(table, configuration).map(noValue),
    ...tooShortForHashes(table, hashLength),
  ];
  if (problems.length === 0) return;
  throw new ConfigurationError("configuration_invalid", `Nobody could register: ${problems.join("; ")}.`, {
    fix: 'Set registration.values (or registration.generateId for the key) in the configuration, or registration: "off".',
  });
}

const missing = (name: string) => `registration.values names "${name}", which the table does not have`;
const taken = (name: string) => `registration.values names "${name}", which registration fills itself`;
const noValue = (name: string) => `"${name}" is NOT NULL without a default and gets no value`;

function tooShortForHashes({ mapping, relation }: UsersTable, hashLength: number): string[] {
  const room = findColumn(relation, mapping.password_hash)?.maximumLength ?? hashLength;
  if (room >= hashLength) return [];
  return [
    `"${mapping.password_hash}" takes ${room} characters and a hash has ${hashLength} (passwords.algorithm "bcrypt" needs 60)`,
  ];
}

function unfilled(table: UsersTable, configuration: Configuration["registration"]): string[] {
  const { mapping, relation } = table;
  const asked = [mapping.email, mapping.username, mapping.display_name, mapping.password_hash];
  const filled = new Set([...asked, ...fixedValues(table, configuration.values).keys()]);
  if (configuration.generateId !== undefined) filled.add(mapping.id);
  return requiredColumns(relation).filter((name) => !filled.has(name));
}

/** The columns that need a value which nothing but the INSERT gives them. */
export function requiredColumns(relation: Relation): string[] {
  return relation.columns
    .filter((column) => column.notNull && !hasValueOfItsOwn(column))
    .map((column) => column.name);
}
