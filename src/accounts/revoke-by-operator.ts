import type { Configuration } from "../config/schema.ts";
import { AuthgraftError, ConfigurationError } from "../errors.ts";
import { notificationChannel } from "../postgres/channel.ts";
import type { Pool, Queryable } from "../postgres/client.ts";
import { withTransaction } from "../postgres/transaction.ts";
import { CLOCK_SKEW_SECONDS } from "../tokens/clock-skew.ts";
import { AT_COMMAND_LINE } from "./admin/acting.ts";
import { audit, type Happening } from "./audit.ts";
import { hasId, isNoSuchId, type UsersTable } from "./users-table.ts";

/** What an operator's revocations work with. */
export interface OperatorContext {
  readonly pool: Pool;
  readonly table: UsersTable;
  readonly configuration: Configuration;
}

/** `unchanged` where it was so already. */
export type RevocationState = "revoked" | "unchanged";

/** One access token, by its `jti`. */
export interface RevokedByToken {
  readonly state: RevocationState;
  readonly token_id: string;
}

/** All access tokens of a session, and its refresh tokens. */
export interface RevokedBySession {
  readonly state: RevocationState;
  readonly session_id: string;
  readonly user_id: string;
}

/** All that a user signed in with so far. */
export interface RevokedByUser {
  readonly state: "revoked";
  readonly user_id: string;
  /** Sessions that went on until now. */
  readonly sessions: number;
}

/** What was revoked, and how. */
export type Revoked = RevokedByToken | RevokedBySession | RevokedByUser;

/** The most that `tokens.lifetimeSeconds` may be. */
const LONGEST_TOKEN_SECONDS = 86_400;

/** `jti` has room for so many characters. */
const LONGEST_TOKEN_ID = 255;

/**
 * Revokes one access token by its `jti`, for as long as any token can live: servers may be configured otherwise than
 * whoever runs this.
 *
 * @throws ConfigurationError `usage_invalid` where no token can have that `jti`.
 */
export async function revokeTokenById(
  { pool, table, configuration }: OperatorContext,
  tokenId: string,
): Promise<RevokedByToken> {
  assertTokenId(tokenId);
  const seconds = LONGEST_TOKEN_SECONDS + CLOCK_SKEW_SECONDS;
  return changing(pool, configuration, async (client) => {
    const { rowCount } = await client.query(
      `INSERT INTO ${table.revokedTokens} (jti, expires_at)
       VALUES ($1, now() + make_interval(secs => $2::float8)) ON CONFLICT (jti) DO NOTHING`,
      [tokenId, seconds],
    );
    const state = rowCount === 0 ? "unchanged" : "revoked";
    await writeDown(client, configuration, { event: "token_revoked", detail: { token_id: tokenId, state } });
    return { state, token_id: tokenId };
  });
}

/**
 * Ends one session; a session that has ended stays as it is.
 *
 * @throws AuthgraftError `session_unknown`.
 */
export async function revokeSessionById(
  { pool, table, configuration }: OperatorContext,
  sessionId: string,
): Promise<RevokedBySession> {
  return changing(pool, configuration, async (client) => {
    const ended = await client.query<Omit<RevokedBySession, "state">>(
      `UPDATE ${table.sessions} SET ended_at = now() WHERE id = $1::uuid AND ended_at IS NULL
       RETURNING id::text AS session_id, user_id::text AS user_id`,
      [sessionId],
    );
    if (ended.rows[0] !== undefined) {
      const { session_id: sessionId, user_id: userId } = ended.rows[0];
      await writeDown(client, configuration, { event: "session_ended", userId, sessionId });
      return { state: "revoked" as const, ...ended.rows[0] };
    }
    const { rows } = await client.query<Omit<RevokedBySession, "state">>(
      `SELECT id::text AS session_id, user_id::text AS user_id FROM ${table.sessions} WHERE id = $1::uuid`,
      [sessionId],
    );
    if (rows[0] === undefined) throw unknownSession();
    return { state: "unchanged" as const, ...rows[0] };
  }).catch((error: unknown) => {
    throw isNoSuchId(error) ? unknownSession(error) : error;
  });
}

/**
 * Ends all sessions and access tokens that a user has. The user's row is locked before what belongs to it, as it
 * is by whoever deletes it, so that the two never wait for each other.
 *
 * @throws AuthgraftError `user_unknown`.
 */
export async function revokeUserById(
  { pool, table, configuration }: OperatorContext,
  userId: string,
): Promise<RevokedByUser> {
  return changing(pool, configuration, async (client) => {
    const { rows } = await client.query<{ user_id: string }>(
      `SELECT u.${table.id}::text AS user_id FROM ${table.name} u WHERE ${hasId(table, 1)} FOR KEY SHARE`,
      [userId],
    );
    if (rows[0] === undefined) throw unknownUser();
    await raiseGeneration(client, table, userId);
    const sessions = await endSessions(client, table, userId);
    const { user_id } = rows[0];
    await writeDown(client, configuration, {
      event: "sessions_ended",
      userId: user_id,
      detail: { sessions },
    });
    return { state: "revoked" as const, user_id: rows[0].user_id, sessions };
  }).catch((error: unknown) => {
    throw isNoSuchId(error) ? unknownUser(error) : error;
  });
}

async function raiseGeneration(client: Queryable, table: UsersTable, userId: string): Promise<void> {
  await client.query(
    `INSERT INTO ${table.accounts} AS a (user_id, token_generation)
     SELECT u.${table.id}, 1 FROM ${table.name} u WHERE ${hasId(table, 1)}
     ON CONFLICT (user_id) DO UPDATE SET token_generation = a.token_generation + 1`,
    [userId],
  );
}

/** In one order, for somebody else may be ending the same ones. */
async function endSessions(client: Queryable, table: UsersTable, userId: string): Promise<number> {
  const { rowCount } = await client.query(
    `WITH open AS (
       SELECT s.id FROM ${table.sessions} s JOIN ${table.name} u ON u.${table.id} = s.user_id
        WHERE ${hasId(table, 1)} AND s.ended_at IS NULL ORDER BY s.id FOR UPDATE OF s)
     UPDATE ${table.sessions} s SET ended_at = now() FROM open WHERE s.id = open.id`,
    [userId],
  );
  return rowCount ?? 0;
}

function writeDown(
  client: Queryable,
  configuration: Configuration,
  happening: Partial<Happening> & Pick<Happening, "event">,
): Promise<void> {
  const { actor, caller } = AT_COMMAND_LINE;
  return audit(client, { configuration }, { userId: null, actor, ...happening }, caller);
}

/** Servers are told with the commit, also where the triggers leave that to whoever writes. */
function changing<Result>(
  pool: Pool,
  { schema }: Configuration,
  work: (client: Queryable) => Promise<Result>,
): Promise<Result> {
  return withTransaction(pool, async (client) => {
    const result = await work(client);
    await client.query("SELECT pg_notify($1, '')", [notificationChannel(schema)]);
    return result;
  });
}

/** What was given is not repeated: it may be a whole token, by mistake. */
function assertTokenId(tokenId: string): void {
  const characters = [...tokenId].length;
  if (characters > 0 && characters <= LONGEST_TOKEN_ID && !tokenId.includes("\0")) return;
  throw new ConfigurationError(
    "usage_invalid",
    `A token's jti has 1 to ${LONGEST_TOKEN_ID} characters, none of them NUL.`,
    { fix: "Give the claim jti out of the token, not the token." },
  );
}

function unknownSession(cause?: unknown): AuthgraftError {
  return new AuthgraftError("session_unknown", "There is no such session; nothing was changed.", {
    fix: "Give the claim sid of one of its access tokens. Sessions that were over a day ago are purged.",
    cause,
  });
}

function unknownUser(cause?: unknown): AuthgraftError {
  return new AuthgraftError("user_unknown", "There is no such user; nothing was changed.", {
    fix: "Give the primary key of the user's row, which is the claim sub of the user's access tokens.",
    cause,
  });
}
