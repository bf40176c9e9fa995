import type { Queryable } from "../../postgres/client.ts";
import { quoteIdentifier } from "../../postgres/identifiers.ts";
import { SqlState, sqlState } from "../../postgres/sqlstate.ts";
import { withTransaction } from "../../postgres/transaction.ts";
import { FieldsError } from "../fields/field-error.ts";
import { undecided } from "../undecided.ts";
import { isAdmin } from "../user.ts";
import { columnOf, hasNoPassword, isAlive, isNoSuchId } from "../users-table.ts";
import type { AdminParts } from "./acting.ts";
import { type AdminUser, adminUserFields, toAdminUser } from "./admin-user.ts";
import { cursorInvalid, readCursor, writeCursor } from "./cursor.ts";
import { READ_SETTINGS } from "./read-settings.ts";

/** Which users, and which part of them. What is not given is not asked for. */
export interface UserQuery {
  /** A part of the username, the email or the display name, whatever its case, or a whole id. All users are looked through. */
  readonly search?: string | undefined;
  /** How an email begins, whatever its ASCII case; by the graft's index. */
  readonly email?: string | undefined;
  readonly isAdmin?: boolean | undefined;
  readonly disabled?: boolean | undefined;
  readonly hasPassword?: boolean | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** Users in the order of their ids. */
export interface UserPage {
  readonly users: readonly AdminUser[];
  /** For the next page; null on the last. */
  readonly next_cursor: string | null;
}

/** Lists the users who are not marked as deleted. */
export type ListUsers = (query: UserQuery) => Promise<UserPage>;

/**
 * Makes `listUsers`. It throws SignInError `cursor_invalid`; FieldsError `field_invalid` where a search takes longer
 * than five seconds; DatabaseError.
 */
export function createListUsers(parts: AdminParts): ListUsers {
  const text = listSql(parts);
  return async (query) => {
    const values = valuesOf(query);
    if (values === null) return { users: [], next_cursor: null };
    try {
      const rows = await withTransaction(parts.pool, (client) => read(client, text, values));
      return toPage(rows, query.limit);
    } catch (error) {
      throw explain(error);
    }
  };
}

async function read(client: Queryable, text: string, values: readonly unknown[]): Promise<AdminUser[]> {
  await client.query(READ_SETTINGS);
  return (await client.query<AdminUser>(text, values)).rows;
}

/** One row more than asked for says whether there is another page. */
function toPage(rows: readonly AdminUser[], limit: number): UserPage {
  const users = rows.slice(0, limit).map(toAdminUser);
  const last = users.at(-1);
  return { users, next_cursor: rows.length > limit && last !== undefined ? writeCursor([last.id]) : null };
}

/** Null where nobody can be found: no name in the database holds what is looked for. */
function valuesOf({ search, email, isAdmin, disabled, hasPassword, cursor, limit }: UserQuery) {
  const [after] = readCursor(cursor, 1) ?? [null];
  const isOdd = (text = "") => text.includes("\0") || !text.isWellFormed();
  if (isOdd(search) || isOdd(email)) return null;
  return [
    ...[after, limit + 1, search ?? null, search === undefined ? null : `%${escapePattern(search)}%`],
    email === undefined ? null : `${escapePattern(lowerAscii(email))}%`,
    ...[isAdmin ?? null, disabled ?? null, hasPassword ?? null],
  ];
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\%_]/g, "\\$&");
}

/** As `lower(… COLLATE "C")` does it. */
function lowerAscii(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** What is null is no condition: each list is planned for what it is asked, so that an index can be used. */
function listSql(parts: AdminParts): string {
  const { table } = parts;
  const { mapping } = table;
  const id = `u.${table.id}`;
  // A collation of the column's own may have no patterns.
  const searched = [mapping.username, mapping.email, mapping.display_name]
    .map((name) => columnOf(table, name))
    .filter((column) => column !== null)
    .map((column) => `${column}::text COLLATE pg_catalog."default" ILIKE $4::text`);
  const email = `lower(u.${quoteIdentifier(mapping.email)} COLLATE "C")`;
  return `SELECT ${adminUserFields(parts)} FROM (
      SELECT ${id} AS id FROM ${table.name} u LEFT JOIN ${table.accounts} a ON a.user_id = ${id}
       WHERE ${isAlive(table)} AND ($1::text IS NULL OR ${id} > $1::text::${table.idType})
         AND ($3::text IS NULL OR ${id}::text = $3::text OR ${searched.join(" OR ")})
         AND ($5::text IS NULL OR ${email} LIKE $5::text)
         AND ($6::bool IS NULL OR ${isAdmin(table)} = $6::bool)
         AND ($7::bool IS NULL OR (a.disabled_at IS NOT NULL) = $7::bool)
         AND ($8::bool IS NULL OR (${hasNoPassword(table)}) <> $8::bool)
       ORDER BY ${id} LIMIT $2::int4) page
    JOIN ${table.name} u ON ${id} = page.id
    LEFT JOIN ${table.accounts} a ON a.user_id = ${id}
   ORDER BY ${id}`;
}

function explain(error: unknown): unknown {
  if (isNoSuchId(error)) return cursorInvalid();
  if (sqlState(error) !== SqlState.queryCanceled) return undecided(error);
  return new FieldsError({
    field: "search",
    code: "field_invalid",
    message: "There are too many users to look through for this: give the beginning of an email as email.",
  });
}
