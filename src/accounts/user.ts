import { quoteLiteral } from "../postgres/identifiers.ts";
import { type Column, findColumn } from "../users-table/relation.ts";
import { columnOf, type UsersTable } from "./users-table.ts";

/** A user as answers show one (C14): the parts that the table has, and never a secret. */
export interface User {
  /** Text, whatever the column's type: a bigint past 2^53 stays exact. */
  readonly id: string;
  readonly username?: string | null;
  readonly email: string | null;
  readonly display_name?: string | null;
  /** Which way in the account was made; `email` for one with a password. */
  readonly auth_provider?: string | null;
  readonly is_admin: boolean;
  /** Whether the address the user has now is the one they have proved to be theirs. */
  readonly email_verified: boolean;
  /** RFC 3339; a column without a time zone is taken to be UTC. */
  readonly created_at?: string | null;
}

const KEYS = [
  "id",
  "username",
  "email",
  "display_name",
  "auth_provider",
  "is_admin",
  "email_verified",
  "created_at",
] as const satisfies readonly (keyof User)[];

/**
 * The select list that makes a User of a row, over the aliases `u` (users) and, where `verified` says so,
 * `a` (accounts). Everything is cast to text in SQL: what a pool's own type parsers do does not matter.
 */
export function userFields(table: UsersTable, verified: "from accounts" | "not yet"): string {
  const { mapping } = table;
  const text = (name: string | null) => {
    const column = columnOf(table, name);
    return column === null ? null : `${column}::text`;
  };
  const expressions: Record<(typeof KEYS)[number], string | null> = {
    id: text(mapping.id),
    username: text(mapping.username),
    email: text(mapping.email),
    display_name: text(mapping.display_name),
    auth_provider: text(mapping.auth_provider),
    is_admin: isAdmin(table),
    email_verified: verified === "not yet" ? "false" : isEmailVerified(table),
    created_at: asTimestamp(findColumn(table.relation, mapping.created_at), table),
  };
  return KEYS.filter((key) => expressions[key] !== null)
    .map((key) => `${expressions[key]} AS ${key}`)
    .join(", ");
}

/** Takes the User out of a row that may hold more. */
export function toUser(row: User): User {
  // The keys depend on the table, so the compiler cannot see that they are User's.
  return Object.fromEntries(
    KEYS.filter((key) => key in row).map((key) => [key, row[key]]),
  ) as unknown as User;
}

/** The expression that says whether the user under the alias `u` is an administrator. */
export function isAdmin(table: UsersTable): string {
  const { admin, is_admin: flag } = table.mapping;
  const column = columnOf(table, admin?.column ?? flag);
  if (column === null) return "false";
  return admin === null
    ? `coalesce(${column}, false)`
    : `coalesce(${column}::text = ${quoteLiteral(admin.equals)}, false)`;
}

function isEmailVerified(table: UsersTable): string {
  const email = columnOf(table, table.mapping.email);
  return `coalesce(lower(a.verified_email COLLATE "C") = lower(${email} COLLATE "C"), false)`;
}

function asTimestamp(column: Column | undefined, table: UsersTable): string | null {
  const name = columnOf(table, column?.name ?? null);
  if (name === null) return null;
  if (column?.baseType === "date") return `to_char(${name}, 'YYYY-MM-DD')`;
  return rfc3339(column?.baseType === "timestamptz" ? `${name} AT TIME ZONE 'UTC'` : name);
}

/** A `timestamp` in UTC as text; infinity has no such form and becomes null. */
export function rfc3339(expression: string): string {
  return `nullif(to_char(${expression}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), '')`;
}
