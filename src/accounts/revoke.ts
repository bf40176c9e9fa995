import { notificationChannel } from "../postgres/channel.ts";
import type { Queryable } from "../postgres/client.ts";
import type { AccessTokenClaims } from "../tokens/access-claims.ts";
import type { AccountsContext } from "./context.ts";
import { hasId } from "./users-table.ts";

type Parts = Pick<AccountsContext, "table" | "configuration">;

/**
 * Revokes one access token. The user's row is looked for and locked at once, so that none who is being deleted
 * meanwhile is referred to; and locked before any row of a session, as whoever deletes a user does.
 */
export async function revokeToken(
  client: Queryable,
  { table, configuration: { schema } }: Parts,
  { userId, tokenId, expiresAt }: Pick<AccessTokenClaims, "userId" | "tokenId" | "expiresAt">,
): Promise<void> {
  await client.query(
    `WITH revoked AS (
       INSERT INTO ${table.revokedTokens} (user_id, jti, expires_at)
       VALUES ((SELECT u.${table.id} FROM ${table.name} u WHERE ${hasId(table, 1)} FOR KEY SHARE), $2, to_timestamp($3::float8))
       ON CONFLICT (jti) DO NOTHING)
     SELECT pg_notify($4::text, '')`,
    [userId, tokenId, expiresAt, notificationChannel(schema)],
  );
}

/** Ends one session, with every token that was made for it; where a hash is given, only while it is the stored one. */
export async function endSession(
  client: Queryable,
  { table, configuration: { schema } }: Parts,
  sessionId: string,
  refreshHash: Uint8Array | null = null,
): Promise<void> {
  await client.query(
    `WITH ended AS (UPDATE ${table.sessions} SET ended_at = now()
       WHERE id = $1::uuid AND ended_at IS NULL AND ($3::bytea IS NULL OR refresh_hash = $3::bytea))
     SELECT pg_notify($2::text, '')`,
    [sessionId, notificationChannel(schema), refreshHash],
  );
}
