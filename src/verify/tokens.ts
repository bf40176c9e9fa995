import { setTimeout as sleep } from "node:timers/promises";
import { decodeProtectedHeader, jwtVerify } from "jose";
import { SignInError, VerificationUnavailableError } from "../errors.ts";
import { type AccessTokenClaims, expectations, readClaims } from "../tokens/access-claims.ts";
import { CLOCK_SKEW_SECONDS } from "../tokens/clock-skew.ts";
import { isCompact } from "../tokens/compact.ts";
import { sessionKey, tokenKey, userKey } from "../tokens/revocations/revocation-key.ts";
import type { JudgedToken } from "../tokens/revocations/revocations.ts";
import { createVerifiedTokens } from "../tokens/verified-tokens.ts";
import type { KeySet, PublicKey } from "./key-set.ts";
import type { Knowledge } from "./knowledge.ts";
import type { VerifierSettings } from "./options.ts";

/** A token of Authgraft's that has not expired. */
export interface CheckedToken extends JudgedToken {
  readonly kid: string;
  readonly claims: AccessTokenClaims;
}

/** What checking tokens takes. */
export interface CheckOptions {
  readonly settings: Pick<VerifierSettings, "issuer" | "audience" | "clientId" | "now">;
  readonly keys: KeySet;
  readonly knowledge: Pick<Knowledge, "accepts">;
  /** Asks which keys there are now. */
  readonly look: () => Promise<void>;
}

/** Tokens whose signature need not be checked again: some ten to thirty megabytes. */
const REMEMBERED = 20_000;

/** Milliseconds between two looks that strangers can bring about. */
const LOOK_GAP = 1_000;

/** 32 bytes in base64url, as every id of a key. Nothing else is worth a look. */
const KID = /^[\w-]{43}$/;

/**
 * Makes `check`: everything that can be checked without asking whether the token was revoked; the signature once.
 *
 * It throws SignInError `invalid_token`, or VerificationUnavailableError where a key cannot be looked up.
 */
export function createCheck(options: CheckOptions): (token: string) => Promise<CheckedToken> {
  const { now } = options.settings;
  const remembered = createVerifiedTokens<CheckedToken>(REMEMBERED);
  const findKey = createFindKey(options);
  return async (token) => {
    if (typeof token !== "string") throw invalidToken();
    const known = remembered.get(token);
    if (known !== undefined && options.knowledge.accepts(known.kid) && !hasExpired(known, now()))
      return known;
    const checked = await checkSignature(token, findKey, options.settings);
    remembered.set(token, checked);
    return checked;
  };
}

function hasExpired({ claims }: CheckedToken, now: number): boolean {
  return now >= (claims.expiresAt + CLOCK_SKEW_SECONDS) * 1_000;
}

/** A key has to be in the key set, and to be one that Authgraft has said lately to verify. */
function createFindKey({ keys, knowledge, look }: CheckOptions): (kid: string) => Promise<PublicKey | null> {
  let last = Number.NEGATIVE_INFINITY;
  let scheduled: Promise<void> | undefined;
  // Callers join a look only until it is sent, so that what it finds is not older than their question.
  const send = async () => {
    await sleep(Math.max(0, last + LOOK_GAP - performance.now()));
    [scheduled, last] = [undefined, performance.now()];
    await look();
  };
  return async (kid) => {
    if (!knowledge.accepts(kid)) {
      scheduled ??= send();
      await scheduled;
    }
    if (!knowledge.accepts(kid)) return null;
    const found = await keys.find(kid);
    if (found === null) throw new VerificationUnavailableError("Authgraft's key set lacks a key just now.");
    return found;
  };
}

async function checkSignature(
  token: string,
  findKey: (kid: string) => Promise<PublicKey | null>,
  { now, ...expected }: CheckOptions["settings"],
): Promise<CheckedToken> {
  const kid = isCompact(token) ? keyIdOf(token) : null;
  // The key first: when it cannot be looked up, that is no answer about the token.
  const found = kid === null ? null : await findKey(kid);
  if (kid === null || found === null) throw invalidToken();
  const { payload } = await jwtVerify(token, found.key, expectations(expected, found.algorithm, now())).catch(
    (error: unknown) => {
      throw invalidToken(error);
    },
  );
  const claims = readClaims(payload, expected, now());
  if (claims === null) throw invalidToken();
  const keys = {
    token: tokenKey(claims.tokenId),
    session: sessionKey(claims.sessionId),
    user: userKey(claims.userId),
  };
  return { kid, claims, keys };
}

/** `jku`, `jwk` and `x5u` are never looked at: a token cannot bring its own key. */
function keyIdOf(token: string): string | null {
  try {
    const { kid } = decodeProtectedHeader(token);
    return typeof kid === "string" && KID.test(kid) ? kid : null;
  } catch {
    return null;
  }
}

/** Alike for whatever is wrong with a token. */
export function invalidToken(cause?: unknown): SignInError {
  return new SignInError("invalid_token", "The access token is not valid.", { cause });
}
