import { AuthgraftError, DatabaseError, SignInError } from "../errors.ts";
import type { AccessTokenClaims } from "../tokens/access-claims.ts";
import type { AccountsContext } from "./context.ts";
import { toUser, type User, userFields } from "./user.ts";
import { hasId, isAlive, isNoSuchId, type UsersTable } from "./users-table.ts";

/** Who a token speaks for. */
export interface Identity {
  readonly user: User;
  readonly claims: AccessTokenClaims;
}

/**
 * Makes `authenticate`: the signature and the claims, then one query that decides all the rest: the user
 * is there and alive, the session goes on, nobody disabled the account or ended all its tokens, and this
 * token was not revoked.
 *
 * It throws SignInError `invalid_token`; where the database cannot decide, DatabaseError and never one of
 * the other two answers.
 */
export function createAuthenticate(context: AccountsContext): (token: string) => Promise<Identity> {
  const { pool, table, tokens } = context;
  const text = authenticationSql(table);
  return async (token) => {
    const claims = await tokens.verify(token);
    const { userId, sessionId, generation, tokenId } = claims;
    const { rows } = await pool
      .query<User>(text, [userId, sessionId, generation, tokenId])
      .catch((error: unknown) => {
        throw isNoSuchId(error) ? refused() : undecidable(error);
      });
    const [row] = rows;
    if (row === undefined) throw refused();
    return { user: toUser(row), claims };
  };
}

function authenticationSql(table: UsersTable): string {
  return `SELECT ${userFields(table, "from accounts")}
    FROM ${table.name} u
    JOIN ${table.sessions} s ON s.user_id = u.${table.id}
    LEFT JOIN ${table.accounts} a ON a.user_id = u.${table.id}
   WHERE ${hasId(table, 1)} AND ${isAlive(table)}
     AND s.id = $2::uuid AND s.ended_at IS NULL AND s.expires_at > now()
     AND a.disabled_at IS NULL AND coalesce(a.token_generation, 0) = $3::int8
     AND NOT EXISTS (SELECT FROM ${table.revokedTokens} r WHERE r.jti = $4)`;
}

function refused(): SignInError {
  return new SignInError("invalid_token", "The access token is not valid.");
}

function undecidable(error: unknown): unknown {
  if (error instanceof AuthgraftError) return error;
  return new DatabaseError("database_error", "The database cannot say whether the token is valid.", {
    cause: error,
  });
}
