import { createHmac } from "node:crypto";

/** What Devise and Rails hash: the password and, right after it, the pepper. */
export function withPepper(password: Uint8Array, pepper: string): Buffer {
  return Buffer.concat([password, Buffer.from(pepper, "utf8")]);
}

/** Six hexadecimal digits that tell one pepper from another and nothing about it that a guess would not. */
export function pepperFingerprint(pepper: string): string {
  return createHmac("sha256", pepper).update("authgraft pepper").digest("hex").slice(0, 6);
}

/**
 * Marks a stored hash as made with a pepper, so that it verifies only where that pepper is configured.
 *
 * @example peppered("$2a$12$…", process.env.DEVISE_PEPPER) // "{pepper-1f0c9a}$2a$12$…"
 */
export function peppered(stored: string, pepper: string): string {
  return `{pepper-${pepperFingerprint(pepper)}}${stored}`;
}
