import { randomBytes } from "node:crypto";
import { decodeProtectedHeader, jwtVerify, SignJWT } from "jose";
import type { Configuration } from "../config/schema.ts";
import { SignInError } from "../errors.ts";
import { ACCESS_TOKEN_TYPE, type AccessTokenClaims, expectations, readClaims } from "./access-claims.ts";
import { CLOCK_SKEW_SECONDS } from "./clock-skew.ts";
import { isCompact } from "./compact.ts";
import { sessionKey, tokenKey, userKey } from "./revocations/revocation-key.ts";
import type { RevocationKeys } from "./revocations/revocations.ts";
import type { KeyPair } from "./sealed-key.ts";
import type { SigningKeys } from "./signing-keys.ts";
import { createVerifiedTokens } from "./verified-tokens.ts";

/** Whom a token is minted for. */
export type TokenSubject = Pick<AccessTokenClaims, "userId" | "sessionId" | "generation"> & {
  /** Seconds since 1970: the token expires by then at the latest, however long others live. */
  readonly expiresBy?: number;
};

/** A minted token. */
export interface MintedToken {
  readonly token: string;
  readonly claims: AccessTokenClaims;
}

/** A token that is ours and has not expired, and what a revocation would know it by. */
export interface VerifiedToken {
  readonly kid: string;
  readonly claims: AccessTokenClaims;
  readonly keys: RevocationKeys;
}

/** Mints and verifies access tokens. */
export interface AccessTokens {
  /** Prepares a mint, so that nothing is left to load once a transaction is open. */
  minter(): Promise<(subject: TokenSubject) => Promise<MintedToken>>;
  /**
   * Checks everything that can be checked without the user: form, algorithm, signature, type, issuer,
   * audience, times. Whether it was revoked is asked elsewhere.
   *
   * @throws SignInError `invalid_token`; DatabaseError where a key cannot be looked up.
   */
  verify(token: string): Promise<AccessTokenClaims>;
  /** The same, with what it takes to ask whether it was revoked; the signature is checked once. */
  check(token: string): Promise<VerifiedToken>;
}

/** Tokens whose signature need not be checked again: some ten to thirty megabytes. */
const REMEMBERED = 20_000;

/** Puts keys, configuration and clock (milliseconds since 1970) together. */
export function createAccessTokens(
  keys: SigningKeys,
  configuration: Configuration["tokens"],
  now: () => number,
): AccessTokens {
  const remembered = createVerifiedTokens<VerifiedToken>(REMEMBERED);
  const isCurrent = ({ kid, claims }: VerifiedToken) => {
    const seconds = now() / 1_000;
    const [from, until] = [claims.issuedAt - CLOCK_SKEW_SECONDS, claims.expiresAt + CLOCK_SKEW_SECONDS];
    return seconds >= from && seconds < until && keys.accepts(kid);
  };
  const check = async (token: string) => {
    const known = remembered.get(token);
    if (known !== undefined && isCurrent(known)) return known;
    const verified = await verifySignature(keys, configuration, token, now);
    remembered.set(token, verified);
    return verified;
  };
  return {
    check,
    verify: async (token) => (await check(token)).claims,
    async minter() {
      const key = await keys.current();
      return (subject) => mint(key, subject, configuration, Math.floor(now() / 1_000));
    },
  };
}

async function verifySignature(
  keys: SigningKeys,
  configuration: Configuration["tokens"],
  token: string,
  now: () => number,
): Promise<VerifiedToken> {
  // The key first: when it cannot be looked up, that is no answer about the token.
  const key = isCompact(token) ? await findKey(keys, token) : null;
  if (key === null) throw invalid();
  const { payload } = await jwtVerify(
    token,
    key.publicKey,
    expectations(configuration, key.algorithm, now()),
  ).catch((error: unknown) => {
    throw invalid(error);
  });
  const claims = readClaims(payload, configuration, now());
  if (claims === null) throw invalid();
  return { kid: key.kid, claims, keys: keysOf(claims) };
}

/** What a revocation would know a token by. */
export function keysOf({ tokenId, sessionId, userId }: AccessTokenClaims): RevocationKeys {
  return { token: tokenKey(tokenId), session: sessionKey(sessionId), user: userKey(userId) };
}

async function findKey(keys: SigningKeys, token: string): Promise<KeyPair | null> {
  const kid = readKeyId(token);
  return kid === null ? null : keys.find(kid);
}

/** `jku`, `jwk` and `x5u` are never looked at: a token cannot bring its own key. */
function readKeyId(token: string): string | null {
  try {
    const { kid } = decodeProtectedHeader(token);
    return typeof kid === "string" ? kid : null;
  } catch {
    return null;
  }
}

async function mint(
  key: KeyPair,
  { expiresBy = Number.POSITIVE_INFINITY, ...subject }: TokenSubject,
  configuration: Configuration["tokens"],
  issuedAt: number,
): Promise<MintedToken> {
  const claims = {
    ...subject,
    tokenId: randomBytes(18).toString("base64url"),
    issuedAt,
    expiresAt: Math.min(issuedAt + configuration.lifetimeSeconds, Math.floor(expiresBy)),
  };
  const token = await new SignJWT({
    client_id: configuration.clientId,
    sid: claims.sessionId,
    gen: claims.generation,
  })
    .setProtectedHeader({ alg: key.algorithm, typ: ACCESS_TOKEN_TYPE, kid: key.kid })
    .setIssuer(configuration.issuer)
    .setAudience(configuration.audience)
    .setSubject(claims.userId)
    .setJti(claims.tokenId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(claims.expiresAt)
    .sign(key.privateKey);
  return { token, claims };
}

function invalid(cause?: unknown): SignInError {
  return new SignInError("invalid_token", "The access token is not valid.", { cause });
}
