import type { AuditEventKind } from "../audit/record.ts";
import { notificationChannel } from "../postgres/channel.ts";
import type { Queryable } from "../postgres/client.ts";
import { qualify } from "../postgres/identifiers.ts";
import type { AccessTokenClaims } from "../tokens/access-claims.ts";
import { type Caller, describeCaller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { hasId } from "./users-table.ts";

type Parts = Pick<AccountsContext, "table" | "configuration">;

/** What is written into the audit log where something changes, and of whom. */
export interface Noted {
  readonly event: AuditEventKind;
  readonly caller: Caller;
}

/**
 * Revokes one access token. The user's row is looked for and locked at once, so that none who is being deleted
 * meanwhile is referred to; and locked before any row of a session, as whoever deletes a user does.
 */
export async function revokeToken(
  client: Queryable,
  { table, configuration: { schema } }: Parts,
  { userId, sessionId, tokenId, expiresAt }: AccessTokenClaims,
  noted?: Noted,
): Promise<void> {
  await client.query(
    `WITH revoked AS (
       INSERT INTO ${table.revokedTokens} (user_id, jti, expires_at)
       VALUES ((SELECT u.${table.id} FROM ${table.name} u WHERE ${hasId(table, 1)} FOR KEY SHARE), $2, to_timestamp($3::float8))
       ON CONFLICT (jti) DO NOTHING RETURNING $1::text AS user_id, $5::uuid AS session_id),
     ${noting(schema, "revoked", 6)}
     SELECT pg_notify($4::text, '')`,
    [...[userId, tokenId, expiresAt, notificationChannel(schema), sessionId], ...notedValues(noted)],
  );
}

/** Ends one session, with every token that was made for it; where a hash is given, only while it is the stored one. */
export async function endSession(
  client: Queryable,
  { table, configuration: { schema } }: Parts,
  sessionId: string,
  { refreshHash = null, ...noted }: { readonly refreshHash?: Uint8Array | null } & Noted,
): Promise<void> {
  await client.query(
    `WITH ended AS (UPDATE ${table.sessions} SET ended_at = now()
       WHERE id = $1::uuid AND ended_at IS NULL AND ($3::bytea IS NULL OR refresh_hash = $3::bytea)
       RETURNING user_id::text AS user_id, id AS session_id),
     ${noting(schema, "ended", 4)}
     SELECT pg_notify($2::text, '')`,
    [sessionId, notificationChannel(schema), refreshHash, ...notedValues(noted)],
  );
}

/** A part of a WITH: writes down what the part `of` it has changed, which tells `user_id` and `session_id`. */
export function noting(schema: string, of: string, place: number): string {
  return `audited AS (
       INSERT INTO ${qualify(schema, "audit_log")} (event, actor_id, user_id, session_id, user_agent, address)
       SELECT $${place}::text, user_id, user_id, session_id, $${place + 1}::text, $${place + 2}::text
         FROM ${of} WHERE $${place}::text IS NOT NULL)`;
}

/** The three parameters of `noting`, from its place on. */
export function notedValues(noted: Noted | undefined): (string | null)[] {
  const { userAgent, address } = describeCaller(noted?.caller ?? {});
  return [noted?.event ?? null, userAgent, address];
}
