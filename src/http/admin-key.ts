import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { ConfigurationError } from "../errors.ts";

/** The key of the server's operator. */
export interface AdminKey {
  /** Whether this is the key; it takes as long whatever the difference. */
  matches(presented: string): boolean;
}

/** At least 32 characters, of those that a header can carry. */
const USABLE = /^[\x21-\x7e]{32,1024}$/;

/**
 * Reads the key; without one there is none that anybody could have.
 *
 * @throws ConfigurationError `secret_weak`; the message holds no part of it.
 */
export function createAdminKey(key: string | undefined): AdminKey {
  if (key !== undefined && !USABLE.test(key)) {
    throw new ConfigurationError(
      "secret_weak",
      "The administrators' key needs 32 to 1024 characters: ASCII, without spaces.",
      { fix: "Make one with `openssl rand -base64 48 | tr -d '\\n'`, and set it as ADMIN_API_KEY." },
    );
  }
  const digest = digestOf(key ?? randomBytes(32).toString("hex"));
  return { matches: (presented) => timingSafeEqual(digestOf(presented), digest) };
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
