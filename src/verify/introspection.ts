import { VerificationUnavailableError } from "../errors.ts";
import type { AccessTokenClaims } from "../tokens/access-claims.ts";
import { createGate } from "../tokens/revocations/gate.ts";
import type { AuthgraftClient } from "./authgraft-client.ts";
import type { VerifierSettings } from "./options.ts";

/**
 * Whether Authgraft's database says that a token is valid now.
 *
 * @throws VerificationUnavailableError where it cannot be asked, or answers about another token.
 */
export type Introspect = (token: string, claims: AccessTokenClaims) => Promise<boolean>;

/** Questions at once; milliseconds for the answer to one, and until there is none, the wait for its turn included. */
const [AT_ONCE, PATIENCE, LONGEST] = [32, 2_000, 5_000];

/** Makes `introspect` (RFC 7662). Those who ask about one token at the same time share the answer. */
export function createIntrospect(
  client: AuthgraftClient,
  settings: Pick<VerifierSettings, "issuer" | "audience" | "clientId">,
): Introspect {
  const gate = createGate(AT_ONCE);
  const underWay = new Map<string, Promise<unknown>>();
  const ask = (token: string) => {
    const until = performance.now() + LONGEST;
    return gate(async () => {
      if (performance.now() > until) throw new VerificationUnavailableError("Authgraft is asked too much.");
      const body = new URLSearchParams({ token, token_type_hint: "access_token" });
      const headers = { accept: "application/json" };
      return client.ask("/oauth/introspect", { method: "POST", headers, body, patience: PATIENCE });
    });
  };
  return async (token, claims) => {
    const asked = underWay.get(token) ?? ask(token).finally(() => underWay.delete(token));
    underWay.set(token, asked);
    return judge(parse(await asked), claims, settings);
  };
}

function judge(
  answer: Readonly<Record<string, unknown>>,
  { userId, tokenId, sessionId, generation, issuedAt, expiresAt }: AccessTokenClaims,
  { issuer, audience, clientId }: Pick<VerifierSettings, "issuer" | "audience" | "clientId">,
): boolean {
  if (answer.active === false) return false;
  const expected = {
    ...{ active: true, sub: userId, jti: tokenId, sid: sessionId, gen: generation, iat: issuedAt },
    ...{ exp: expiresAt, iss: issuer, aud: audience, client_id: clientId },
  };
  if (Object.entries(expected).every(([name, value]) => answer[name] === value)) return true;
  throw new VerificationUnavailableError("What Authgraft says is about another token.");
}

function parse(text: unknown): Readonly<Record<string, unknown>> {
  try {
    const answer: unknown = typeof text === "string" ? JSON.parse(text) : null;
    if (typeof answer === "object" && answer !== null) return { ...answer };
  } catch {}
  throw new VerificationUnavailableError("What Authgraft says of a token is no answer.");
}
