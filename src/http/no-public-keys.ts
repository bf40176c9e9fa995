import { problemResponse } from "./problem.ts";

const DETAIL =
  "Tokens are signed with HS256, which has no public key: no other service can verify them. Set tokens.algorithm to ES256, EdDSA or RS256 to serve others.";

/** What is there for other services answers this where they could not verify a token. */
export function noPublicKeys(): Response {
  return problemResponse({ status: 404, code: "jwks_unavailable", detail: DETAIL });
}
