import { SignInError } from "../errors.ts";
import { notificationChannel } from "../postgres/channel.ts";
import type { Queryable } from "../postgres/client.ts";
import { withTransaction } from "../postgres/transaction.ts";
import { CLOCK_SKEW_SECONDS } from "../tokens/clock-skew.ts";
import { decideRefresh, type RefreshDecision, type UsedRefreshToken } from "../tokens/decide-refresh.ts";
import type { PresentedRefreshToken } from "../tokens/refresh-tokens.ts";
import { audit, NOBODY } from "./audit.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { createRotateAtOnce } from "./rotate-at-once.ts";
import { goesOn, type Mint } from "./sessions.ts";
import type { SignedIn } from "./signed-in.ts";
import { undecided } from "./undecided.ts";
import { toUser, type User, userFields } from "./user.ts";

/** Takes a refresh token for the next one, and an access token with it. */
export type Refresh = (refreshToken: string, caller?: Caller) => Promise<SignedIn>;

/**
 * Makes `refresh`. The same token again within ten seconds brings the same successor, so that two tabs may ask
 * at once and an answer may get lost. After that somebody else has it too: the session ends, and the audit log
 * says so.
 *
 * It throws SignInError `invalid_token`, alike for whatever is wrong; DatabaseError.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9700#section-4.14.2
 */
export function createRefresh(context: AccountsContext): Refresh {
  const { tokens, refreshTokens } = context;
  const rotateAtOnce = createRotateAtOnce(context);
  const find = sessionSql(context);
  return async (refreshToken, caller = {}) => {
    const presented = refreshTokens.read(refreshToken);
    if (presented === null || !(await mayBeStored(context, presented))) throw refused();
    const mint = await tokens.minter();
    const rotate = async () =>
      (await rotateAtOnce(presented, mint)) ?? inTurn(context, { find, presented, mint, caller });
    const signedIn = await rotate().catch((error: unknown) => {
      throw undecided(error);
    });
    if (signedIn === null) throw refused();
    return signedIn;
  };
}

interface Request extends Omit<Turn, "session"> {
  /** Finds the session, and locks it. */
  readonly find: string;
}

/** One after the other: who finds the token used decides whether it was used a moment ago, or is somebody else's. */
function inTurn(context: AccountsContext, { find, ...request }: Request): Promise<SignedIn | null> {
  return withTransaction(context.pool, async (client) => {
    const session = await findSession(client, find, request.presented);
    return session === null ? null : proceed(client, context, { ...request, session });
  });
}

/**
 * What none of our secrets has made is a stranger's, or its secret has gone: it costs one look, and no row is
 * locked for it.
 */
async function mayBeStored(
  { pool, table }: AccountsContext,
  { isOurs, sessionId, hash }: PresentedRefreshToken,
): Promise<boolean> {
  if (isOurs) return true;
  const { rows } = await pool
    .query(`SELECT FROM ${table.sessions} WHERE id = $1::uuid AND refresh_hash = $2::bytea`, [
      sessionId,
      hash,
    ])
    .catch((error: unknown) => {
      throw undecided(error);
    });
  return rows.length > 0;
}

/** A session that goes on, its row locked, and its user. Numbers are texts: pools have type parsers of their own. */
interface Session extends User {
  readonly session_id: string;
  readonly generation: string;
  readonly expires_at: string;
  readonly refresh_hash: string | null;
  readonly used_refresh_hashes: string;
  readonly milliseconds: string;
}

/**
 * Only the session's row is locked: whoever deletes a user locks the user's row first and comes to sessions
 * afterwards, so that a lock on the user's row from here would be a deadlock.
 */
function sessionSql(context: AccountsContext): string {
  const { table } = context;
  return `SELECT ${userFields(table, "from accounts")}, s.id::text AS session_id, s.generation::text AS generation,
       extract(epoch FROM s.expires_at)::text AS expires_at, encode(s.refresh_hash, 'hex') AS refresh_hash,
       s.used_refresh_hashes::text AS used_refresh_hashes,
       floor(extract(epoch FROM clock_timestamp()) * 1000)::text AS milliseconds
    FROM ${table.sessions} s
    JOIN ${table.name} u ON u.${table.id} = s.user_id
    LEFT JOIN ${table.accounts} a ON a.user_id = s.user_id
   WHERE s.id = $1::uuid AND ${goesOn(context)}
     FOR UPDATE OF s`;
}

async function findSession(
  client: Queryable,
  text: string,
  { sessionId }: PresentedRefreshToken,
): Promise<Session | null> {
  const { rows } = await client.query<Session>(text, [sessionId]);
  return rows[0] ?? null;
}

interface Turn {
  readonly presented: PresentedRefreshToken;
  readonly session: Session;
  readonly mint: Mint;
  readonly caller: Caller;
}

async function proceed(client: Queryable, context: AccountsContext, turn: Turn): Promise<SignedIn | null> {
  const decision = decide(turn);
  if (decision.kind === "unknown") return null;
  if (decision.kind === "reuse") return endReused(client, context, turn);
  const { session, mint } = turn;
  const subject = {
    userId: session.id,
    sessionId: session.session_id,
    generation: Number(session.generation),
    expiresBy: Number(session.expires_at),
  };
  const { token, claims } = await mint(subject);
  await store(client, context, { session, decision, expiresAt: claims.expiresAt });
  return { token, user: toUser(session), refresh_token: decision.successor.token };
}

function decide({ presented, session }: Turn): RefreshDecision {
  const { refresh_hash: current } = session;
  const used: UsedRefreshToken[] = JSON.parse(session.used_refresh_hashes);
  const stored = { current: current === null ? null : Buffer.from(current, "hex"), used };
  return decideRefresh(presented, stored, Number(session.milliseconds));
}

interface Outcome {
  readonly session: Session;
  readonly decision: Extract<RefreshDecision, { kind: "rotate" | "repeat" }>;
  readonly expiresAt: number;
}

async function store(
  client: Queryable,
  { table }: AccountsContext,
  { session, decision, expiresAt }: Outcome,
): Promise<void> {
  const isNew = decision.kind === "rotate";
  await client.query(
    `UPDATE ${table.sessions} SET last_used_at = now(),
       token_expires_at = greatest(token_expires_at, to_timestamp($2::float8)),
       refresh_hash = coalesce($3::bytea, refresh_hash),
       used_refresh_hashes = coalesce($4::jsonb, used_refresh_hashes)
     WHERE id = $1::uuid`,
    [
      ...[session.session_id, expiresAt + CLOCK_SKEW_SECONDS],
      ...(isNew ? [decision.successor.hash, JSON.stringify(decision.used)] : [null, null]),
    ],
  );
}

async function endReused(
  client: Queryable,
  context: AccountsContext,
  { session: { id: userId, session_id: sessionId }, caller }: Turn,
): Promise<null> {
  const { table, configuration, logger } = context;
  await client.query(
    `WITH ended AS (UPDATE ${table.sessions} SET ended_at = now() WHERE id = $1::uuid)
     SELECT pg_notify($2::text, '')`,
    [sessionId, notificationChannel(configuration.schema)],
  );
  const reuse = {
    event: "refresh_token_reused",
    result: "failure",
    actor: NOBODY,
    userId,
    sessionId,
  } as const;
  await audit(client, context, reuse, caller);
  logger.warn(
    { user_id: userId, session_id: sessionId },
    "a refresh token was used again: its session ended",
  );
  return null;
}

function refused(): SignInError {
  return new SignInError("invalid_token", "The refresh token is not valid.");
}
