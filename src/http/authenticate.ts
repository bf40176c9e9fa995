import type { Accounts } from "../accounts/accounts.ts";
import type { AuthenticatedUser } from "../accounts/authenticated-user.ts";
import type { User } from "../accounts/user.ts";
import { SignInError } from "../errors.ts";
import type { AccessTokenClaims } from "../tokens/access-claims.ts";
import type { Authenticator } from "./authenticator.ts";
import { presentedToken } from "./bearer.ts";

/** Makes the part of an `Authenticator` that finds out who a request speaks for. */
export function createAuthentication({
  verify,
  authenticate,
}: Pick<Accounts, "verify" | "authenticate">): Pick<Authenticator, "authenticate" | "authenticateAdmin"> {
  return {
    async authenticate(presented) {
      const token = presentedToken(presented);
      const claims = await verify(token);
      return toAuthenticatedUser(claims, async () => (await authenticate(token)).user);
    },
    async authenticateAdmin(presented) {
      const token = presentedToken(presented);
      const { user, claims } = await authenticate(token);
      if (!user.is_admin) throw new SignInError("forbidden", "This is for administrators.");
      return toAuthenticatedUser(claims, async () => user);
    },
  };
}

function toAuthenticatedUser(claims: AccessTokenClaims, profile: () => Promise<User>): AuthenticatedUser {
  return {
    id: claims.userId,
    sessionId: claims.sessionId,
    tokenId: claims.tokenId,
    expiresAt: new Date(claims.expiresAt * 1_000),
    profile,
  };
}
