import { hkdfSync } from "node:crypto";
import { ConfigurationError } from "../errors.ts";

const MINIMUM_BYTES = 32;

/** Fewer different characters than this are a placeholder, not a secret: `xxxxxxxx…`, `12341234…`. */
const MINIMUM_VARIETY = 8;

/** The secrets of a server: the first seals, all of them open. */
export type Secrets = readonly [string, ...string[]];

/**
 * One secret, or the current one and those before it.
 *
 * @throws ConfigurationError `secret_weak` where there is none, or one that could be guessed; it says which.
 */
export function requireSecrets(secret: string | readonly string[]): Secrets {
  const [current = "", ...previous] = typeof secret === "string" ? [secret] : secret;
  if (!isStrong(current)) {
    throw weak(
      "The secret that protects the signing keys",
      "Make one with `openssl rand -base64 48` and set it as AUTHGRAFT_SECRET.",
    );
  }
  const at = previous.findIndex((one) => !isStrong(one));
  if (at === -1) return [current, ...previous];
  throw weak(
    previous.length === 1 ? "The previous secret" : `Previous secret ${at + 1} of ${previous.length}`,
    "AUTHGRAFT_SECRET_PREVIOUS is the secret from before the current one; leave it out when nothing is sealed under it any more.",
  );
}

function isStrong(secret: string): boolean {
  return Buffer.byteLength(secret) >= MINIMUM_BYTES && new Set(secret).size >= MINIMUM_VARIETY;
}

function weak(which: string, fix: string): ConfigurationError {
  return new ConfigurationError("secret_weak", `${which} needs at least ${MINIMUM_BYTES} random bytes.`, {
    fix,
  });
}

/** A 256-bit key for one purpose, derived from the secret (HKDF with SHA-256, RFC 5869). */
export function deriveKey(secret: string, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, "", `authgraft ${purpose}`, 32));
}
