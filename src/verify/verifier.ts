import { SignInError, VerificationUnavailableError } from "../errors.ts";
import type { AccessTokenClaims } from "../tokens/access-claims.ts";
import { ageOf, type Clocks, type Mark } from "../tokens/revocations/freshness.ts";
import { createAuthgraftClient } from "./authgraft-client.ts";
import { createIntrospect } from "./introspection.ts";
import { createKeySet } from "./key-set.ts";
import { createKnowledge } from "./knowledge.ts";
import { createListening } from "./listening.ts";
import { settingsOf, type VerifierOptions } from "./options.ts";
import { createPolling } from "./polling.ts";
import { createAskSnapshot } from "./snapshots.ts";
import { type CheckedToken, createCheck, invalidToken } from "./tokens.ts";
import { createTelling } from "./trouble.ts";

export { AuthgraftError, type ErrorCode } from "../errors.ts";
export { type AccessTokenClaims, SignInError, VerificationUnavailableError, type VerifierOptions };

/** How much is known, and how old it is. */
export interface VerifierState {
  /** Revoked tokens, ended sessions and users with ended tokens that are held in memory. */
  readonly entries: number;
  /** What they take. */
  readonly bytes: number;
  /** Milliseconds since what is known was asked for; infinite before the first answer. */
  readonly age: number;
  /** Whether revocations are told as they happen; where not, they are polled for. */
  readonly streaming: boolean;
}

/** Verifies access tokens of an Authgraft elsewhere, without its database. */
export interface Verifier {
  /**
   * What a valid access token says. Its signature is checked once, everything else in memory each time; what was
   * revoked is known within `maxStalenessSeconds`, or Authgraft is asked about the token.
   *
   * @throws SignInError `invalid_token`: answer 401. VerificationUnavailableError `verification_unavailable` where
   *   that cannot be decided just now: answer 503.
   */
  verify(token: string): Promise<AccessTokenClaims>;
  /**
   * Resolves when everything is known for the first time. Until then `verify` asks about each token.
   *
   * @throws VerificationUnavailableError when it is closed before.
   */
  ready(): Promise<void>;
  state(): VerifierState;
  /** Ends what goes on in the background; `verify` accepts nothing any more. */
  close(): Promise<void>;
}

/**
 * Begins to follow an Authgraft over HTTP: its public keys, and what is revoked.
 *
 * @example
 * const verifier = createVerifier({
 *   url: "https://auth.example.com",
 *   issuer: "https://auth.example.com",
 *   audience: "authgraft",
 *   service: { id: "orders", secret: ORDERS_SECRET },
 * });
 * const { userId } = await verifier.verify(token);
 *
 * @throws ConfigurationError `configuration_invalid`
 */
export function createVerifier(options: VerifierOptions): Verifier {
  const settings = settingsOf(options);
  const { maxStaleness, now, onTrouble } = settings;
  const clocks = { steady: () => performance.now(), now };
  const closing = new AbortController();
  const client = createAuthgraftClient(settings, closing.signal);
  const keys = createKeySet(client);
  const knowledge = createKnowledge(clocks, maxStaleness);
  const ask = createAskSnapshot(client, { keys, accepts: knowledge.accepts }, settings);
  const first = Promise.withResolvers<void>();
  const tell = createTelling(onTrouble);
  const onPoll = (failure: Error | null, warning: Error | null) => {
    if (failure === null) first.resolve();
    tell(failure ?? warning);
  };
  const polling = createPolling({ ask, knowledge, clocks, maxStaleness, onPoll });
  const listening = createListening({ client, ring: polling.ring });
  const check = createCheck({ settings, keys, knowledge, look: polling.look });
  const introspect = createIntrospect(client, settings, clocks);
  const confirmed = createConfirmations(clocks, maxStaleness);
  const background = [
    polling.run(closing.signal),
    // Before everything is known, there is nothing to be quicker about.
    first.promise.then(
      () => listening.run(closing.signal),
      () => undefined,
    ),
  ];
  return {
    async verify(token) {
      if (closing.signal.aborted) throw closed();
      const checked = await check(token);
      const judgement = knowledge.judge(checked);
      if (judgement === "revoked") throw invalidToken();
      if (judgement === "valid" && (!knowledge.confirm || confirmed.recently(checked))) return checked.claims;
      const mark = await introspect(token, checked.claims);
      if (mark === null) throw invalidToken();
      // What was told meanwhile is newer than the answer.
      if (knowledge.judge(checked) === "revoked") throw invalidToken();
      confirmed.remember(checked, mark);
      return checked.claims;
    },
    ready: () => awake(first.promise),
    state: () => ({ ...knowledge.state, streaming: listening.isOpen }),
    async close() {
      closing.abort();
      first.reject(closed());
      knowledge.stop();
      await Promise.all(background);
    },
  };
}

/** The background keeps no process from ending; who waits for it does. */
async function awake(promise: Promise<void>): Promise<void> {
  const holding = setInterval(() => undefined, 1_000);
  return promise.finally(() => clearInterval(holding));
}

/** Which tokens Authgraft has spoken for lately. */
function createConfirmations(clocks: Clocks, maxStaleness: number) {
  const answers = new WeakMap<CheckedToken, Mark>();
  return {
    recently: (token: CheckedToken) => ageOf(answers.get(token), clocks) <= maxStaleness,
    remember: (token: CheckedToken, mark: Mark) => void answers.set(token, mark),
  };
}

function closed(): VerificationUnavailableError {
  return new VerificationUnavailableError("The verifier is closed.");
}
