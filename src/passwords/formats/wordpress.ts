import { createHmac } from "node:crypto";
import { BCRYPT_COST, readBcrypt } from "../primitives/bcrypt.ts";
import type { PasswordFormat } from "../stored-hash.ts";

/**
 * WordPress since 6.8: bcrypt over base64 of an HMAC-SHA384, so that all of a password counts.
 *
 * @see https://developer.wordpress.org/reference/functions/wp_hash_password/
 */
export const wordpressFormat: PasswordFormat = {
  id: "wordpress",
  title: "WordPress 6.8",
  writtenBy: ["WordPress"],
  shapes: ["$wp$2y$"],
  bounds: [BCRYPT_COST],
  note: "Spaces before and after a password do not count, as in WordPress.",
  read(stored) {
    if (!stored.startsWith("$wp$")) return null;
    const hash = readBcrypt("wordpress", stored.slice("$wp".length));
    if ("fault" in hash) return hash;
    return {
      format: "wordpress",
      parameters: { cost: hash.cost },
      significantBytes: null,
      isWhole: (password) => trim(password).length === password.length,
      verify: (password) => hash.matches(Buffer.from(prehash(password))),
    };
  },
};

function prehash(password: Uint8Array): string {
  return createHmac("sha384", "wp-sha384").update(trim(password)).digest("base64");
}

/** What PHP's trim() takes away at both ends: space, tab, line feed, carriage return, NUL, vertical tab. */
const TRIMMED: ReadonlySet<number | undefined> = new Set([0x20, 0x09, 0x0a, 0x0d, 0x00, 0x0b]);

function trim(password: Uint8Array): Uint8Array {
  let [start, end] = [0, password.length];
  while (start < end && TRIMMED.has(password[start])) start += 1;
  while (end > start && TRIMMED.has(password[end - 1])) end -= 1;
  return password.subarray(start, end);
}
