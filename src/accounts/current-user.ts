import { SignInError } from "../errors.ts";
import type { AccessTokenClaims } from "../tokens/access-claims.ts";
import type { AccountsContext } from "./context.ts";
import type { User } from "./user.ts";

/** Who a token speaks for, and what it says. */
export interface Identity {
  readonly user: User;
  readonly claims: AccessTokenClaims;
}

/**
 * Makes `authenticate`: the signature and the claims from memory, then all the rest from the database, exactly as
 * it stands at this moment.
 *
 * It throws SignInError `invalid_token`; where the database cannot decide, DatabaseError and never one of
 * the other two answers.
 */
export function createAuthenticate({
  tokens,
  decide,
}: Pick<AccountsContext, "tokens" | "decide">): (token: string) => Promise<Identity> {
  return async (token) => {
    const claims = await tokens.verify(token);
    const user = await decide(claims);
    if (user === null) throw new SignInError("invalid_token", "The access token is not valid.");
    return { user, claims };
  };
}
