import { randomUUID } from "node:crypto";
import type { AuditEventKind } from "../audit/record.ts";
import type { Queryable } from "../postgres/client.ts";
import { qualify } from "../postgres/identifiers.ts";
import type { MintedToken, TokenSubject } from "../tokens/access-token.ts";
import { CLOCK_SKEW_SECONDS } from "../tokens/clock-skew.ts";
import { type Caller, describeCaller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import type { SignedIn } from "./signed-in.ts";
import { hasId, isAlive } from "./users-table.ts";

type Parts = Pick<AccountsContext, "table" | "configuration" | "refreshTokens">;

/** Mints a token for one subject. */
export type Mint = (subject: TokenSubject) => Promise<MintedToken>;

/**
 * Starts a session for a user who has just shown who they are: the row, its first refresh token and its first
 * access token, in one statement; where an event is named, it is written into the audit log in the same one.
 *
 * The user's row is locked against being deleted until then, as the foreign key would lock it a moment later.
 *
 * @returns null where the user is gone, deleted or disabled by now, or their tokens were all ended.
 */
export async function startSession(
  client: Queryable,
  { table, configuration, refreshTokens }: Parts,
  mint: Mint,
  { userId, generation }: Omit<TokenSubject, "sessionId">,
  caller: Caller,
  event: AuditEventKind | null = null,
): Promise<Pick<SignedIn, "token" | "refresh_token"> | null> {
  const sessionId = randomUUID();
  const { token, claims } = await mint({ userId, generation, sessionId });
  const refresh = refreshTokens.make(sessionId);
  const { userAgent, address } = describeCaller(caller);
  const { rowCount } = await client.query(
    `WITH started AS (
       INSERT INTO ${table.sessions} (id, user_id, generation, expires_at, token_expires_at, refresh_hash, user_agent, address)
       SELECT $2::uuid, u.id, $3::int4, now() + make_interval(secs => $4::float8), to_timestamp($5::float8), $6::bytea, $7::text, $8::text FROM (
         SELECT u.${table.id} AS id FROM ${table.name} u LEFT JOIN ${table.accounts} a ON a.user_id = u.${table.id}
          WHERE ${hasId(table, 1)} AND ${isAlive(table)} AND a.disabled_at IS NULL
            AND coalesce(a.token_generation, 0) = $3::int4 FOR KEY SHARE OF u) u
       RETURNING id),
     audited AS (
       INSERT INTO ${qualify(configuration.schema, "audit_log")} (event, actor_id, user_id, session_id, user_agent, address)
       SELECT $9::text, $1::text, $1::text, id, $7::text, $8::text FROM started WHERE $9::text IS NOT NULL)
     SELECT FROM started`,
    [
      ...[userId, sessionId, generation, configuration.sessions.lifetimeSeconds],
      ...[claims.expiresAt + CLOCK_SKEW_SECONDS, refresh.hash],
      ...[userAgent, address, event],
    ],
  );
  return rowCount === 1 ? { token, refresh_token: refresh.token } : null;
}

/** The condition that a session, under the alias `s`, goes on: `u` and `a` are its user and their account. */
export function goesOn({ table, configuration }: Pick<AccountsContext, "table" | "configuration">): string {
  return `s.ended_at IS NULL AND s.expires_at > now()
    AND s.last_used_at > now() - make_interval(secs => ${configuration.sessions.idleSeconds})
    AND ${isAlive(table)} AND a.disabled_at IS NULL AND coalesce(a.token_generation, 0) = s.generation`;
}
