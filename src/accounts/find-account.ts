import { FETCHED_TEXT } from "../passwords/registry.ts";
import type { Queryable } from "../postgres/client.ts";
import { type User, userFields } from "./user.ts";
import { columnOf, hasEmail, hasId, isAlive, isNoSuchId, type UsersTable } from "./users-table.ts";

/** Who says they are who. An email is looked for among emails only, a username among usernames only (C3). */
export type Credentials =
  | { readonly email: string; readonly password: string }
  | { readonly username: string; readonly password: string };

/** A user with what a login needs to know and nobody may see. */
export interface Account extends User {
  readonly stored_hash: string | null;
  readonly is_disabled: boolean;
  readonly generation: number;
}

/** Finds the one living user whom the credentials name. Two of them are nobody (C7). */
export async function findAccount(
  client: Queryable,
  table: UsersTable,
  credentials: Credentials,
): Promise<Account | null> {
  const [name, condition] =
    "email" in credentials
      ? [credentials.email, hasEmail(table, 1)]
      : [credentials.username, hasUsername(table)];
  // PostgreSQL has no NUL in a text, and a lone surrogate no UTF-8: nobody has such a name.
  return condition === null || !isStorable(name) ? null : findOne(client, table, condition, name);
}

/** Finds the living user of an id, given as text; null for what is no id on this table, too. */
export async function findAccountById(
  client: Queryable,
  table: UsersTable,
  id: string,
): Promise<Account | null> {
  if (!isStorable(id)) return null;
  return findOne(client, table, hasId(table, 1), id).catch((error: unknown) => {
    if (isNoSuchId(error)) return null;
    throw error;
  });
}

function isStorable(name: string): boolean {
  return !name.includes("\0") && name.isWellFormed();
}

async function findOne(
  client: Queryable,
  table: UsersTable,
  condition: string,
  name: string,
): Promise<Account | null> {
  const { rows } = await client.query<Account>(
    `SELECT ${userFields(table, "from accounts")}, left(${columnOf(table, table.mapping.password_hash)}::text, ${FETCHED_TEXT}) AS stored_hash,
            a.disabled_at IS NOT NULL AS is_disabled, coalesce(a.token_generation, 0) AS generation
       FROM ${table.name} u LEFT JOIN ${table.accounts} a ON a.user_id = u.${table.id}
      WHERE ${condition} AND ${isAlive(table)} LIMIT 2`,
    [name],
  );
  return rows.length === 1 ? (rows[0] ?? null) : null;
}

function hasUsername(table: UsersTable): string | null {
  const column = columnOf(table, table.mapping.username);
  return column === null ? null : `${column} = $1`;
}
