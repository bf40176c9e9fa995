import { malformed } from "../fault.ts";
import { PHPASS_ITERATIONS, readPhpass } from "../primitives/phpass.ts";
import type { PasswordFormat } from "../stored-hash.ts";

/** A text has 55 characters, so the digest's 86 are cut off after 43. */
const SHAPE = /^(U?)\$S\$([./0-9A-Za-z])([./0-9A-Za-z]{8})([./0-9A-Za-z]{43})$/;

/** Drupal's own limit. */
const LONGEST_PASSWORD = 512;

/**
 * phpass with SHA-512, as Drupal writes it since version 7. `U` before it: the password was digested with MD5
 * first, where an upgrade made hashes of Drupal 6's hashes.
 *
 * @see https://api.drupal.org/api/drupal/includes%21password.inc/7.x
 */
export const drupal7Format: PasswordFormat = {
  id: "drupal7",
  title: "Drupal 7 to 10.0",
  writtenBy: ["Drupal"],
  shapes: ["$S$", "U$S$"],
  bounds: [PHPASS_ITERATIONS],
  note: `A password of more than ${LONGEST_PASSWORD} bytes matches none, as in Drupal.`,
  read(stored) {
    if (!/^U?\$S\$/.test(stored)) return null;
    const [, over, log2 = "", salt = "", digest] = SHAPE.exec(stored) ?? [];
    if (digest === undefined) return malformed("drupal7");
    const isOverMd5 = over === "U";
    return readPhpass("drupal7", {
      algorithm: "sha512",
      isOverMd5,
      log2,
      salt,
      digest,
      longestPassword: LONGEST_PASSWORD,
    });
  },
};
