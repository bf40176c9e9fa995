import { pbkdf2Sync, timingSafeEqual } from "node:crypto";
import { malformed, tooCostly } from "../fault.ts";
import type { CostBound, Reading } from "../stored-hash.ts";

/** The digests that PBKDF2 is found with, with what each gives in bytes. */
const DIGEST_BYTES = { sha1: 20, sha224: 28, sha256: 32, sha384: 48, sha512: 64 } as const;

/** A digest by the name that node:crypto has for it. */
export type Pbkdf2Digest = keyof typeof DIGEST_BYTES;

/** Whether a name is one of the digests'. */
export const isPbkdf2Digest = (name: string): name is Pbkdf2Digest => Object.hasOwn(DIGEST_BYTES, name);

/** A key longer than the digest is made in blocks, each with all the iterations. */
const bound = (digests: string, most: number, reason: string): CostBound => ({
  parameter: `iterations × blocks of ${digests}`,
  most,
  reason,
});

const SHA1 = bound(
  "SHA-1",
  8_000_000,
  "Keycloak's own default is 1,300,000 over four blocks; about two seconds of one core",
);
const SHA256 = bound(
  "SHA-224 and SHA-256",
  5_000_000,
  "eight times today's recommendation and above Django's newest default; about one second of one core",
);
const SHA512 = bound(
  "SHA-384 and SHA-512",
  2_000_000,
  "nine times today's recommendation; about two seconds of one core, which has no instructions for them",
);

/** The bounds of whatever format has PBKDF2 with any digest in it. */
export const PBKDF2_BOUNDS: readonly CostBound[] = [SHA1, SHA256, SHA512];

/** The bound of a format that has SHA-1 only. */
export const PBKDF2_SHA1_BOUNDS: readonly CostBound[] = [SHA1];

const BOUND: Readonly<Record<Pbkdf2Digest, CostBound>> = {
  sha1: SHA1,
  sha224: SHA256,
  sha256: SHA256,
  sha384: SHA512,
  sha512: SHA512,
};

/** Salt and key of a stored hash, and how the key was made. */
export interface Pbkdf2Parts {
  readonly digest: Pbkdf2Digest;
  readonly iterations: number;
  readonly salt: Uint8Array;
  readonly key: Uint8Array;
}

/** A key under 16 bytes would match by chance too easily; none is known to be longer than 128. */
const isPossible = ({ iterations, key }: Pbkdf2Parts) =>
  iterations >= 1 && key.length >= 16 && key.length <= 128;

/**
 * Makes the reading of PBKDF2 with HMAC on behalf of a format; `words` go into its parameters.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8018#section-5.2
 */
export function readPbkdf2(
  format: string,
  parts: Pbkdf2Parts,
  words: Readonly<Record<string, string>> = {},
): Reading {
  const { digest, iterations, salt, key } = parts;
  if (!isPossible(parts)) return malformed(format);
  const blocks = Math.ceil(key.length / DIGEST_BYTES[digest]);
  if (iterations * blocks > BOUND[digest].most) return tooCostly(format, BOUND[digest]);
  return {
    format,
    parameters: { digest, iterations, blocks, ...words },
    significantBytes: null,
    verify: (password) => timingSafeEqual(pbkdf2Sync(password, salt, iterations, key.length, digest), key),
  };
}
