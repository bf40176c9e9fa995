import { SignInError } from "../errors.ts";
import { withTransaction } from "../postgres/transaction.ts";
import type { AccountsContext } from "./context.ts";
import { hasId, isNoSuchId } from "./users-table.ts";

/**
 * Makes `logout`: revokes the token that is presented and ends its session; other tokens of the same user
 * go on. Doing it again changes nothing. It throws SignInError `invalid_token` where the token is not one
 * of ours or has expired, DatabaseError.
 */
export function createLogout({ pool, table, tokens }: AccountsContext): (token: string) => Promise<void> {
  return async (token) => {
    const { userId, tokenId, sessionId, expiresAt } = await tokens.verify(token);
    await withTransaction(pool, async (client) => {
      await client.query(
        `INSERT INTO ${table.revokedTokens} (user_id, jti, expires_at)
         VALUES ((SELECT u.${table.id} FROM ${table.name} u WHERE ${hasId(table, 1)}), $2, to_timestamp($3::float8))
         ON CONFLICT (jti) DO NOTHING`,
        [userId, tokenId, expiresAt],
      );
      await client.query(
        `UPDATE ${table.sessions} SET ended_at = now() WHERE id = $1::uuid AND ended_at IS NULL`,
        [sessionId],
      );
    }).catch((error: unknown) => {
      throw isNoSuchId(error)
        ? new SignInError("invalid_token", "The access token is not valid.", { cause: error })
        : error;
    });
  };
}
