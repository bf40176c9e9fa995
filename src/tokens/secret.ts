import { hkdfSync } from "node:crypto";
import { ConfigurationError } from "../errors.ts";

const MINIMUM_BYTES = 32;

/** Fewer different characters than this are a placeholder, not a secret: `xxxxxxxx…`, `12341234…`. */
const MINIMUM_VARIETY = 8;

/**
 * Refuses a secret that could be guessed.
 *
 * @throws ConfigurationError `secret_weak`
 */
export function assertStrongSecret(secret: string): void {
  if (Buffer.byteLength(secret) >= MINIMUM_BYTES && new Set(secret).size >= MINIMUM_VARIETY) return;
  throw new ConfigurationError(
    "secret_weak",
    `The secret that protects the signing keys needs at least ${MINIMUM_BYTES} random bytes.`,
    { fix: "Make one with `openssl rand -base64 48` and set it as AUTHGRAFT_SECRET." },
  );
}

/** A 256-bit key for one purpose, derived from the secret (HKDF with SHA-256, RFC 5869). */
export function deriveKey(secret: string, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, "", `authgraft ${purpose}`, 32));
}
