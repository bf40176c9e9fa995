import { createHash, timingSafeEqual } from "node:crypto";
import { decodeHex, decodePaddedBase64 } from "../base64.ts";
import { malformed } from "../fault.ts";
import type { FormatSettings, Reading } from "../stored-hash.ts";
import { refuseUnsalted } from "../unsalted.ts";
import { type Pbkdf2Digest, readPbkdf2 } from "./pbkdf2.ts";
import { readScrypt } from "./scrypt.ts";

/** What of Spring's PBKDF2 does not stand in the text. */
export interface SpringPbkdf2 {
  readonly digest: Pbkdf2Digest;
  readonly iterations: number;
  readonly saltBytes: number;
}

const PBKDF2_KEY_BYTES = 32;

/** Reads Spring's PBKDF2: hexadecimal of salt and key. */
export function readSpringPbkdf2(format: string, text: string, settings: SpringPbkdf2): Reading {
  const { digest, iterations, saltBytes } = settings;
  const bytes = text.length === 2 * (saltBytes + PBKDF2_KEY_BYTES) ? decodeHex(text) : null;
  if (bytes === null) return malformed(format);
  const [salt, key] = [bytes.subarray(0, saltBytes), bytes.subarray(saltBytes)];
  return readPbkdf2(format, { digest, iterations, salt, key }, { function: "pbkdf2" });
}

/** Whether a text begins like Spring's scrypt: the three numbers in hexadecimal, the lower two a byte each. */
export function looksLikeSpringScrypt(text: string): boolean {
  return /^\$[1-9a-f][0-9a-f]{4,5}\$/.test(text);
}

const SCRYPT_SHAPE = /^\$([1-9a-f][0-9a-f]{4,5})\$([A-Za-z0-9+/=]{1,256})\$([A-Za-z0-9+/=]{1,256})$/;

/** Reads Spring's scrypt: `$e0801$salt$key` for n 2^14, r 8 and p 1. */
export function readSpringScrypt(format: string, text: string): Reading {
  const [, numbers = "", saltText = "", keyText = ""] = SCRYPT_SHAPE.exec(text) ?? [];
  const [salt, key] = [decodePaddedBase64(saltText), decodePaddedBase64(keyText)];
  if (salt === null || key === null) return malformed(format);
  const packed = Number.parseInt(numbers, 16);
  const cost = { n: 2 ** (packed >> 16), r: (packed >> 8) & 0xff, p: packed & 0xff };
  const reading = readScrypt(format, { cost, salt, key });
  if ("fault" in reading) return reading;
  return { ...reading, parameters: { function: "scrypt", ...reading.parameters } };
}

const STANDARD_SALT_BYTES = 8;
const STANDARD_ITERATIONS = 1_024;

/** Reads Spring's StandardPasswordEncoder: hexadecimal of salt and of SHA-256, 1,024 times, without a secret. */
export function readStandardEncoder(format: string, text: string): Reading | null {
  const bytes = text.length === 2 * (STANDARD_SALT_BYTES + 32) ? decodeHex(text) : null;
  if (bytes === null) return null;
  const [salt, digest] = [bytes.subarray(0, STANDARD_SALT_BYTES), bytes.subarray(STANDARD_SALT_BYTES)];
  return {
    format,
    parameters: { function: "sha256", iterations: STANDARD_ITERATIONS },
    significantBytes: null,
    verify: (password) => timingSafeEqual(digestOften(Buffer.concat([salt, password])), digest),
  };
}

function digestOften(bytes: Buffer): Buffer {
  let value = bytes;
  for (let round = 0; round < STANDARD_ITERATIONS; round += 1) {
    value = createHash("sha256").update(value).digest();
  }
  return value;
}

const DIGEST_BYTES = { md5: 16, sha1: 20, sha256: 32 } as const;

/**
 * Reads Spring's MessageDigestPasswordEncoder: the salt in braces, or nothing, and the digest of the password
 * with that text behind it, in hexadecimal. Null where it is not that long.
 */
export function readMessageDigest(
  format: string,
  text: string,
  algorithm: keyof typeof DIGEST_BYTES,
  { unsalted }: FormatSettings,
): Reading | null {
  const [, salt = "", hex = ""] = /^(\{[^{}]{0,128}\})?([0-9a-f]{32,64})$/.exec(text) ?? [];
  const digest = decodeHex(hex);
  if (digest?.length !== DIGEST_BYTES[algorithm]) return null;
  if (salt.length <= "{}".length && unsalted === "refuse") return refuseUnsalted(format);
  const derive = (password: Uint8Array) => createHash(algorithm).update(password).update(salt).digest();
  return {
    format,
    parameters: { function: algorithm },
    significantBytes: null,
    verify: (password) => timingSafeEqual(derive(password), digest),
  };
}
