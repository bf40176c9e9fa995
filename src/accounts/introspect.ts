import { SignInError } from "../errors.ts";
import type { AccessTokenClaims } from "../tokens/access-claims.ts";
import type { AccountsContext } from "./context.ts";
import { createAuthenticate } from "./current-user.ts";
import { undecided } from "./undecided.ts";

/** What another service is told about a token (RFC 7662, 2.2). Of one that is not active, nothing. */
export type Introspection =
  | { readonly active: false }
  | {
      readonly active: true;
      readonly token_type: "Bearer";
      readonly sub: string;
      readonly client_id: string;
      readonly iss: string;
      readonly aud: string;
      readonly exp: number;
      readonly iat: number;
      readonly jti: string;
      readonly sid: string;
      readonly gen: number;
    };

/**
 * Makes `introspect`, which asks the database each time: what a server has in memory may be a moment old. It
 * throws DatabaseError where the database cannot say.
 */
export function createIntrospect(context: AccountsContext): (token: string) => Promise<Introspection> {
  const authenticate = createAuthenticate(context);
  return async (token) => {
    try {
      return describe((await authenticate(token)).claims, context.configuration.tokens);
    } catch (error) {
      if (error instanceof SignInError) return { active: false };
      throw undecided(error);
    }
  };
}

function describe(
  { userId, tokenId, sessionId, generation, issuedAt, expiresAt }: AccessTokenClaims,
  { issuer, audience, clientId }: AccountsContext["configuration"]["tokens"],
): Introspection {
  return {
    ...{ active: true, token_type: "Bearer" },
    ...{ sub: userId, client_id: clientId, iss: issuer, aud: audience },
    ...{ exp: expiresAt, iat: issuedAt, jti: tokenId, sid: sessionId, gen: generation },
  };
}
