import { randomBytes } from "node:crypto";
import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from "jose";
import type { Configuration } from "../../config/schema.ts";

/** What access tokens may be signed with (RFC 7518, 3.1; RFC 8037, 3.1). */
export type Algorithm = Configuration["tokens"]["algorithm"];

/** The public members of a key and nothing else (RFC 7518, 6; RFC 8037, 2). */
export type PublicJwk = Readonly<Record<string, string>> & { readonly kty: string };

interface Kind {
  /** The members that every key of this kind has in common. */
  readonly fixed: { readonly kty: string; readonly crv?: string };
  /** The members that are the public key; a secret key has none. */
  readonly members: readonly string[];
  make(): Promise<JWK>;
}

const KINDS: Readonly<Record<Algorithm, Kind>> = {
  ES256: { fixed: { kty: "EC", crv: "P-256" }, members: ["x", "y"], make: () => makePair("ES256") },
  EdDSA: { fixed: { kty: "OKP", crv: "Ed25519" }, members: ["x"], make: () => makePair("EdDSA") },
  RS256: { fixed: { kty: "RSA" }, members: ["n", "e"], make: () => makePair("RS256") },
  HS256: { fixed: { kty: "oct" }, members: [], make: async () => ({ kty: "oct", k: randomText() }) },
};

/**
 * RFC 7518, 3.3 asks for 2048 bits at the least, which are worth 112 bits of strength and are to go out of
 * use after 2030 (NIST SP 800-57, part 1, table 4). 3072 are worth the 128 that the other algorithms here
 * have; a token is 170 characters longer for it.
 */
const MODULUS_LENGTH = 3072;

/** 256 random bits in base64url: as a key no shorter than the hash (RFC 7518, 3.2), as an id like a thumbprint. */
export function randomText(): string {
  return randomBytes(32).toString("base64url");
}

/** Whether a text names an algorithm that keys may have, exact in case. */
export function isAlgorithm(text: unknown): text is Algorithm {
  return typeof text === "string" && Object.hasOwn(KINDS, text);
}

/** A new key as a JWK with its private part, which says what it is for (RFC 7517, 4.4). */
export async function makeJwk(algorithm: Algorithm): Promise<JWK> {
  return { ...(await KINDS[algorithm].make()), alg: algorithm };
}

async function makePair(algorithm: Algorithm): Promise<JWK> {
  const options = { extractable: true, modulusLength: MODULUS_LENGTH };
  return exportJWK((await generateKeyPair(algorithm, options)).privateKey);
}

/**
 * What of a key anybody may see, picked member by member; null for a secret key, of which that is nothing.
 *
 * @throws TypeError where the key is not of the algorithm's kind.
 */
export function publicPart(jwk: JWK, algorithm: Algorithm): PublicJwk | null {
  const { fixed, members } = KINDS[algorithm];
  const found: Readonly<Record<string, unknown>> = { ...jwk };
  const fits = Object.entries(fixed).every(([name, value]) => found[name] === value);
  if (!fits) throw new TypeError(`the key is not of a kind that ${algorithm} is for`);
  if (members.length === 0) return null;
  const picked = members.map((name) => [name, textOf(found[name])] as const);
  return { ...fixed, ...Object.fromEntries(picked) };
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  throw new TypeError("the key lacks a member of its public part");
}

/** A key ready for use, for one algorithm and for no other. */
export async function importKey(jwk: JWK, algorithm: Algorithm): Promise<CryptoKey> {
  if (algorithm === "HS256") return importSecret(jwk);
  const key = await importJWK(jwk, algorithm);
  if (key instanceof Uint8Array) throw new TypeError("a symmetric key cannot be half of a pair");
  return key;
}

async function importSecret({ k }: JWK): Promise<CryptoKey> {
  const bytes = Buffer.from(textOf(k), "base64url");
  const hmac = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", bytes, hmac, false, ["sign", "verify"]);
}
