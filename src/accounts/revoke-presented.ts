import { SignInError } from "../errors.ts";
import type { AccessTokenClaims } from "../tokens/access-claims.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { endSession, revokeToken } from "./revoke.ts";
import { undecided } from "./undecided.ts";
import { isNoSuchId } from "./users-table.ts";

/** Revokes a token that somebody has, of whichever kind. */
export type RevokePresented = (token: string, caller?: Caller) => Promise<void>;

/**
 * Makes `revokeRefreshToken`: ends the session of a refresh token, whether its turn is now, is over, or the
 * session has ended. Any other text changes nothing. It throws DatabaseError.
 */
export function createRevokeRefreshToken(context: AccountsContext): RevokePresented {
  return async (token, caller = {}) => {
    const presented = context.refreshTokens.read(token);
    if (presented === null) return;
    const { sessionId, isOurs, hash } = presented;
    const ending = { refreshHash: isOurs ? null : hash, event: "logout", caller } as const;
    await endSession(context.pool, context, sessionId, ending).catch((error: unknown) => {
      throw undecided(error);
    });
  };
}

/**
 * Makes `revokePresented`: a refresh token ends its session, an access token is revoked alone. What is no token
 * of ours, or none any more, changes nothing. It throws DatabaseError.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7009#section-2
 */
export function createRevokePresented(context: AccountsContext): RevokePresented {
  const revokeRefreshToken = createRevokeRefreshToken(context);
  return async (token, caller = {}) => {
    const claims = await verified(context, token);
    if (claims === null) return revokeRefreshToken(token, caller);
    const noted = { event: "token_revoked", caller } as const;
    await revokeToken(context.pool, context, claims, noted).catch((error: unknown) => {
      if (!isNoSuchId(error)) throw undecided(error);
    });
  };
}

async function verified({ tokens }: AccountsContext, token: string): Promise<AccessTokenClaims | null> {
  try {
    return await tokens.verify(token);
  } catch (error) {
    if (error instanceof SignInError) return null;
    throw error;
  }
}
