import { VerificationUnavailableError } from "../errors.ts";
import type { AccessTokenClaims } from "../tokens/access-claims.ts";
import { ageOf, type Clocks, type Mark, readMark } from "../tokens/revocations/freshness.ts";
import { createGate } from "../tokens/revocations/gate.ts";
import type { AuthgraftClient } from "./authgraft-client.ts";
import type { VerifierSettings } from "./options.ts";

/**
 * When Authgraft's database was asked about a token that it says is valid; null where it is not.
 *
 * @throws VerificationUnavailableError where it cannot be asked, or answers about another token.
 */
export type Introspect = (token: string, claims: AccessTokenClaims) => Promise<Mark | null>;

/** Questions at once; milliseconds for the answer to one, and until there is none, the wait for its turn included. */
const [AT_ONCE, PATIENCE, LONGEST] = [32, 2_000, 5_000];

/** What Authgraft has said, and when it was asked. */
interface Answer {
  readonly text: string;
  readonly mark: Mark;
}

/**
 * Makes `introspect` (RFC 7662). Those who ask about one token at the same time share the answer, which is as old as the
 * question: whoever came later takes none that is past the bound.
 */
export function createIntrospect(
  client: AuthgraftClient,
  settings: Pick<VerifierSettings, "issuer" | "audience" | "clientId" | "maxStaleness">,
  clocks: Clocks,
): Introspect {
  const gate = createGate(AT_ONCE);
  const underWay = new Map<string, Promise<Answer>>();
  const ask = (token: string): Promise<Answer> => {
    const until = performance.now() + LONGEST;
    return gate(async () => {
      if (performance.now() > until) throw new VerificationUnavailableError("Authgraft is asked too much.");
      const body = new URLSearchParams({ token, token_type_hint: "access_token" });
      const headers = { accept: "application/json" };
      const mark = readMark(clocks);
      const question = { method: "POST", headers, body, patience: PATIENCE } as const;
      return { mark, text: await client.ask("/oauth/introspect", question) };
    });
  };
  const join = (token: string): Promise<Answer> => {
    const asked = underWay.get(token) ?? ask(token).finally(() => underWay.delete(token));
    underWay.set(token, asked);
    return asked;
  };
  return async (token, claims) => {
    const start = clocks.steady();
    let { text, mark } = await join(token);
    // What is asked from here on is not older than this caller's own question.
    if (mark.steady < start && ageOf(mark, clocks) > settings.maxStaleness)
      ({ text, mark } = await join(token));
    return judge(parse(text), claims, settings) ? mark : null;
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

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer === "object" && answer !== null) return { ...answer };
  } catch {}
  throw new VerificationUnavailableError("What Authgraft says of a token is no answer.");
}
