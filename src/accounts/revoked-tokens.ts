import type { AccountsContext } from "./context.ts";
import { rfc3339, toUser, type User, userFields } from "./user.ts";

/** A row of `revoked_tokens` and the user whose token it was (A4, A6). */
export interface RevokedToken {
  readonly id: string;
  /** Null once the user's row is gone: the revocation outlives it. */
  readonly user_id: string | null;
  readonly jti: string;
  /** RFC 3339. */
  readonly revoked_at: string;
  /** RFC 3339; until then the token would have been valid. */
  readonly expires_at: string;
  readonly user: User | null;
}

type Row = Omit<RevokedToken, "id" | "user"> & { readonly token_id: string } & User;

/** Makes `findRevokedToken`, which reads one revocation by its `jti`; null where there is none. */
export function createFindRevokedToken({
  pool,
  table,
}: Pick<AccountsContext, "pool" | "table">): (jti: string) => Promise<RevokedToken | null> {
  const text = `SELECT r.id::text AS token_id, r.user_id::text AS user_id, r.jti,
       ${rfc3339("r.revoked_at AT TIME ZONE 'UTC'")} AS revoked_at,
       ${rfc3339("r.expires_at AT TIME ZONE 'UTC'")} AS expires_at,
       ${userFields(table, "from accounts")}
    FROM ${table.revokedTokens} r
    LEFT JOIN ${table.name} u ON u.${table.id} = r.user_id
    LEFT JOIN ${table.accounts} a ON a.user_id = u.${table.id}
   WHERE r.jti = $1`;
  return async (jti) => {
    const { rows } = await pool.query<Row>(text, [jti]);
    const [row] = rows;
    if (row === undefined) return null;
    const { token_id: id, user_id, revoked_at, expires_at } = row;
    return { id, user_id, jti: row.jti, revoked_at, expires_at, user: user_id === null ? null : toUser(row) };
  };
}
