import { SignInError } from "../errors.ts";
import type { Queryable } from "../postgres/client.ts";
import type { AccessTokenClaims } from "../tokens/access-claims.ts";
import type { AccountsContext } from "./context.ts";
import { goesOn } from "./sessions.ts";
import { type User, userFields } from "./user.ts";
import { hasId, isAlive } from "./users-table.ts";

type Parts = Pick<AccountsContext, "table" | "configuration">;

/**
 * The user as they stand now, with their row locked until the end of the transaction: to be called first in it,
 * so that two changes of one account come one after the other. Null where they are gone, deleted or disabled.
 * Whoever is going to write a column that may be unique, such as the email, says so: a lock made stronger later
 * could wait for somebody who waits for this one.
 */
export async function lockAccount(
  client: Queryable,
  parts: Parts,
  userId: string,
  lock: "FOR NO KEY UPDATE" | "FOR UPDATE" = "FOR NO KEY UPDATE",
): Promise<User | null> {
  const { table } = parts;
  await lockRow(client, parts, userId, lock);
  const { rows } = await client.query<User>(
    `SELECT ${userFields(table, "from accounts")} FROM ${table.name} u
       LEFT JOIN ${table.accounts} a ON a.user_id = u.${table.id}
      WHERE ${hasId(table, 1)} AND ${isAlive(table)} AND a.disabled_at IS NULL`,
    [userId],
  );
  return rows[0] ?? null;
}

/**
 * The same for whoever is signed in, if their session goes on still: what took time before the transaction, such
 * as looking at a password, may have been overtaken by a sign-out or a new password.
 *
 * @throws SignInError `invalid_token`.
 */
export async function lockHolder(
  client: Queryable,
  parts: Parts,
  { userId, sessionId, generation }: AccessTokenClaims,
): Promise<User> {
  const { table } = parts;
  await lockRow(client, parts, userId);
  const { rows } = await client.query<User>(
    `SELECT ${userFields(table, "from accounts")} FROM ${table.sessions} s
       JOIN ${table.name} u ON u.${table.id} = s.user_id
       LEFT JOIN ${table.accounts} a ON a.user_id = s.user_id
      WHERE ${hasId(table, 1)} AND s.id = $2::uuid AND s.generation = $3::int4 AND ${goesOn(parts)}`,
    [userId, sessionId, generation],
  );
  if (rows[0] === undefined) throw new SignInError("invalid_token", "The access token is not valid.");
  return rows[0];
}

/**
 * A statement of its own: one that waited for the row would see the other tables as they were before. As strong as
 * an UPDATE's lock, and it keeps nobody from referring to the row.
 *
 * @see https://www.postgresql.org/docs/current/transaction-iso.html#XACT-READ-COMMITTED
 */
async function lockRow(
  client: Queryable,
  { table }: Parts,
  userId: string,
  lock = "FOR NO KEY UPDATE",
): Promise<void> {
  await client.query(`SELECT FROM ${table.name} u WHERE ${hasId(table, 1)} ${lock}`, [userId]);
}
