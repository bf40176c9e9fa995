import { DatabaseError } from "../errors.ts";
import type { Pool, PoolClient } from "../postgres/client.ts";
import { shareQueries } from "../postgres/share-queries.ts";
import type { AccessTokenClaims } from "../tokens/access-claims.ts";
import { undecided } from "./undecided.ts";
import { toUser, type User, userFields } from "./user.ts";
import { isAlive, isNoSuchId, type UsersTable } from "./users-table.ts";

/** Whose token it is, by what stands in the database now; null where it is not valid any more. */
export type Decide = (claims: AccessTokenClaims) => Promise<User | null>;

type Decision = User & {
  readonly place: number;
  readonly is_valid: true | null;
  readonly is_standby: boolean;
};

/** Tokens decided by one statement, statements at once, and milliseconds until there is no answer. */
const SHARING = { most: 100, atOnce: 2, timeout: 2_000 };

/**
 * Makes `decide`: one statement that answers for all who ask at the same time. The user is there and alive, the
 * session goes on, nobody disabled the account or ended all its tokens, and this token was not revoked.
 *
 * Where the database cannot decide it throws DatabaseError or MigrationError `not_grafted`, and answers nothing.
 */
export function createDecide(pool: Pool, table: UsersTable): Decide {
  const text = decisionSql(table);
  const ask = (all: readonly AccessTokenClaims[], signal: AbortSignal) => decideAll(pool, text, all, signal);
  return shareQueries(ask, SHARING);
}

async function decideAll(
  pool: Pool,
  text: string,
  all: readonly AccessTokenClaims[],
  signal: AbortSignal,
): Promise<(User | null)[]> {
  try {
    return await put(pool, text, all, signal);
  } catch (error) {
    if (!isNoSuchId(error)) throw undecided(error);
    // An id that is no value of the column's type spoils the statement for the others, so each is put alone.
    if (all.length === 1) return [null];
    return Promise.all(all.map(async (one) => (await decideAll(pool, text, [one], signal))[0] ?? null));
  }
}

async function put(
  pool: Pool,
  text: string,
  all: readonly AccessTokenClaims[],
  signal: AbortSignal,
): Promise<(User | null)[]> {
  const client = await pool.connect();
  const release = once(client);
  const giveUp = () => release(true);
  signal.addEventListener("abort", giveUp);
  try {
    const { rows } = await client.query<Decision>(text, [
      all.map(({ userId }) => userId),
      all.map(({ sessionId }) => sessionId),
      all.map(({ generation }) => generation),
      all.map(({ tokenId }) => tokenId),
    ]);
    assertPrimary(rows);
    const users = new Map(rows.map((row) => [row.place, row.is_valid ? toUser(row) : null]));
    return all.map((_, index) => users.get(index + 1) ?? null);
  } finally {
    signal.removeEventListener("abort", giveUp);
    release();
  }
}

/** Where nobody waits for the answer any more, the connection it would come on is closed. */
function once(client: PoolClient): (destroy?: boolean) => void {
  let isReleased = false;
  return (destroy) => {
    if (!isReleased) client.release(destroy);
    isReleased = true;
  };
}

/** One row for every question, whether there is such a user or not. */
function decisionSql(table: UsersTable): string {
  return `SELECT w.place::int4 AS place, pg_is_in_recovery() AS is_standby, d.*
    FROM unnest($1::text[], $2::uuid[], $3::int8[], $4::text[]) WITH ORDINALITY AS w (sub, sid, gen, jti, place)
    LEFT JOIN LATERAL (
      SELECT true AS is_valid, ${userFields(table, "from accounts")} FROM ${table.name} u
        JOIN ${table.sessions} s ON s.id = w.sid AND s.user_id = u.${table.id}
        LEFT JOIN ${table.accounts} a ON a.user_id = u.${table.id}
       WHERE u.${table.id} = w.sub::${table.idType} AND ${isAlive(table)}
         AND s.ended_at IS NULL AND s.expires_at > now()
         AND a.disabled_at IS NULL AND coalesce(a.token_generation, 0) = w.gen
         AND NOT EXISTS (SELECT FROM ${table.revokedTokens} r WHERE r.jti = w.jti)) d ON true`;
}

/** A standby is behind: what it does not know of yet would count as valid. */
function assertPrimary(rows: readonly Decision[]): void {
  if (!rows.some((row) => row.is_standby)) return;
  throw new DatabaseError("database_unreachable", "The database answers as a standby just now.");
}
