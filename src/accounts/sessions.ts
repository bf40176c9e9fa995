import { randomUUID } from "node:crypto";
import type { Queryable } from "../postgres/client.ts";
import type { MintedToken, TokenSubject } from "../tokens/access-token.ts";
import { CLOCK_SKEW_SECONDS } from "../tokens/clock-skew.ts";
import { hasId, isAlive, type UsersTable } from "./users-table.ts";

/** Mints a token for one subject. */
export type Mint = (subject: TokenSubject) => Promise<MintedToken>;

/**
 * Starts a session for a user who has just shown who they are, and mints its token. A session lives as
 * long as the token that was minted for it.
 *
 * @returns null where the user is gone, deleted or disabled by now, or their tokens were all ended.
 */
export async function startSession(
  client: Queryable,
  table: UsersTable,
  mint: Mint,
  { userId, generation }: Omit<TokenSubject, "sessionId">,
): Promise<MintedToken | null> {
  const minted = await mint({ userId, generation, sessionId: randomUUID() });
  const { rowCount } = await client.query(
    `INSERT INTO ${table.sessions} (id, user_id, expires_at)
     SELECT $2::uuid, u.id, to_timestamp($3::float8) FROM (
       SELECT u.${table.id} AS id FROM ${table.name} u LEFT JOIN ${table.accounts} a ON a.user_id = u.${table.id}
        WHERE ${hasId(table, 1)} AND ${isAlive(table)} AND a.disabled_at IS NULL
          AND coalesce(a.token_generation, 0) = $4::int4) u`,
    [userId, minted.claims.sessionId, minted.claims.expiresAt + CLOCK_SKEW_SECONDS, generation],
  );
  return rowCount === 1 ? minted : null;
}
