import { randomBytes } from "node:crypto";
import { type CryptoKey, decodeProtectedHeader, type JWTPayload, jwtVerify, SignJWT } from "jose";
import type { Configuration } from "../config/schema.ts";
import { SignInError } from "../errors.ts";
import { CLOCK_SKEW_SECONDS } from "./clock-skew.ts";
import { isCompact } from "./compact.ts";
import { type KeyPair, SIGNING_ALGORITHM } from "./sealed-key.ts";
import type { SigningKeys } from "./signing-keys.ts";

/** What an access token says (RFC 9068). */
export interface AccessTokenClaims {
  /** `sub`: the user's id, as text, whatever its type in the database. */
  readonly userId: string;
  /** `jti`: 144 random bits; what a revocation names. */
  readonly tokenId: string;
  /** `sid`: the session it was minted for. */
  readonly sessionId: string;
  /** `gen`: the user's token generation when it was minted. */
  readonly generation: number;
  /** `exp`, in seconds since 1970. */
  readonly expiresAt: number;
}

/** Whom a token is minted for. */
export type TokenSubject = Pick<AccessTokenClaims, "userId" | "sessionId" | "generation">;

/** A minted token. */
export interface MintedToken {
  readonly token: string;
  readonly claims: AccessTokenClaims;
}

/** Mints a token, which expires no later than its session does: `endsAt`, in seconds since 1970. */
export type Mint = (subject: TokenSubject, endsAt?: number) => Promise<MintedToken>;

/** Mints and verifies access tokens. */
export interface AccessTokens {
  /** Prepares a mint, so that nothing is left to load once a transaction is open. */
  minter(): Promise<Mint>;
  /**
   * Checks everything that can be checked without the user: form, algorithm, signature, type, issuer,
   * audience, times. Whether it was revoked is asked elsewhere.
   *
   * @throws SignInError `invalid_token`; DatabaseError where a key cannot be looked up.
   */
  verify(token: string): Promise<AccessTokenClaims>;
}

const TYPE = "at+jwt";
const REQUIRED = ["sub", "client_id", "iat", "exp", "jti", "sid", "gen"];

/** Puts keys, configuration and clock (milliseconds since 1970) together. */
export function createAccessTokens(
  keys: SigningKeys,
  configuration: Configuration["tokens"],
  now: () => number,
): AccessTokens {
  return {
    async minter() {
      const key = await keys.current();
      return (subject, endsAt = Number.POSITIVE_INFINITY) =>
        mint(key, { ...subject, endsAt }, configuration, Math.floor(now() / 1000));
    },
    async verify(token) {
      // The key first: when it cannot be looked up, that is no answer about the token.
      const key = isCompact(token) ? await findKey(keys, token) : null;
      if (key === null) throw invalid();
      const seconds = Math.floor(now() / 1000);
      return jwtVerify(token, key, { ...expectations(configuration), currentDate: new Date(now()) })
        .then(({ payload }) => readClaims(payload, configuration, seconds))
        .catch((error: unknown) => {
          throw invalid(error);
        });
    },
  };
}

function expectations({ issuer, audience }: Configuration["tokens"]) {
  return {
    algorithms: [SIGNING_ALGORITHM],
    typ: TYPE,
    issuer,
    audience,
    requiredClaims: REQUIRED,
    clockTolerance: CLOCK_SKEW_SECONDS,
  };
}

async function findKey(keys: SigningKeys, token: string): Promise<CryptoKey | null> {
  const kid = readKeyId(token);
  return kid === null ? null : ((await keys.find(kid))?.publicKey ?? null);
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
  { endsAt, ...subject }: TokenSubject & { readonly endsAt: number },
  configuration: Configuration["tokens"],
  issuedAt: number,
): Promise<MintedToken> {
  const claims = {
    ...subject,
    tokenId: randomBytes(18).toString("base64url"),
    expiresAt: Math.floor(Math.min(issuedAt + configuration.lifetimeSeconds, endsAt)),
  };
  const token = await new SignJWT({
    client_id: configuration.clientId,
    sid: claims.sessionId,
    gen: claims.generation,
  })
    .setProtectedHeader({ alg: SIGNING_ALGORITHM, typ: TYPE, kid: key.kid })
    .setIssuer(configuration.issuer)
    .setAudience(configuration.audience)
    .setSubject(claims.userId)
    .setJti(claims.tokenId)
    .setIssuedAt(issuedAt)
    .setExpirationTime(claims.expiresAt)
    .sign(key.privateKey);
  return { token, claims };
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function readClaims(
  payload: JWTPayload,
  configuration: Configuration["tokens"],
  seconds: number,
): AccessTokenClaims {
  const { sub, jti, sid, gen, exp, iat, client_id: clientId } = payload;
  const isSound =
    typeof sub === "string" &&
    typeof jti === "string" &&
    typeof sid === "string" &&
    UUID.test(sid) &&
    typeof gen === "number" &&
    Number.isSafeInteger(gen) &&
    clientId === configuration.clientId &&
    iat !== undefined &&
    iat <= seconds + CLOCK_SKEW_SECONDS;
  if (!isSound || exp === undefined) throw invalid();
  return { userId: sub, tokenId: jti, sessionId: sid, generation: gen, expiresAt: exp };
}

function invalid(cause?: unknown): SignInError {
  return new SignInError("invalid_token", "The access token is not valid.", { cause });
}
