import { decodeJwt, type JWTPayload } from "jose";
import type { Configuration } from "../config/schema.ts";
import { CLOCK_SKEW_SECONDS } from "./clock-skew.ts";

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
  /** `iat`, in seconds since 1970. */
  readonly issuedAt: number;
  /** `exp`, in seconds since 1970. */
  readonly expiresAt: number;
}

/** The `typ` of an access token (RFC 9068, 2.1). */
export const ACCESS_TOKEN_TYPE = "at+jwt";

const REQUIRED = ["sub", "client_id", "iat", "exp", "jti", "sid", "gen"];

/** Whose tokens are taken. */
export type Expected = Pick<Configuration["tokens"], "issuer" | "audience" | "clientId">;

/** What `jwtVerify` has to check of a token that is signed by that algorithm; `now` is in milliseconds since 1970. */
export function expectations({ issuer, audience }: Expected, algorithm: string, now: number) {
  return {
    algorithms: [algorithm],
    typ: ACCESS_TOKEN_TYPE,
    issuer,
    audience,
    requiredClaims: REQUIRED,
    clockTolerance: CLOCK_SKEW_SECONDS,
    currentDate: new Date(now),
  };
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The claims of a payload whose signature, times, issuer and audience are good; null where they are none of ours. */
export function readClaims(
  payload: JWTPayload,
  { clientId }: Expected,
  now: number,
): AccessTokenClaims | null {
  const { sub, jti, sid, gen, exp, iat, client_id: client } = payload;
  if (typeof sub !== "string" || typeof jti !== "string") return null;
  if (typeof sid !== "string" || !UUID.test(sid)) return null;
  if (typeof gen !== "number" || !Number.isSafeInteger(gen)) return null;
  if (client !== clientId || exp === undefined) return null;
  if (iat === undefined || iat > Math.floor(now / 1_000) + CLOCK_SKEW_SECONDS) return null;
  return { userId: sub, tokenId: jti, sessionId: sid, generation: gen, issuedAt: iat, expiresAt: exp };
}

/** Whom a token is for that has just been minted here: nothing of it is checked. */
export function mintedFor(token: string): Pick<AccessTokenClaims, "userId" | "generation"> {
  const { sub, gen } = decodeJwt<{ gen?: unknown }>(token);
  if (sub === undefined || typeof gen !== "number") throw new Error("this is no token of ours");
  return { userId: sub, generation: gen };
}
