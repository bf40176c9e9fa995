import { malformed } from "../fault.ts";
import { PHPASS_ITERATIONS, readPhpass } from "../primitives/phpass.ts";
import type { PasswordFormat } from "../stored-hash.ts";

const SHAPE = /^(U?)\$[PH]\$([./0-9A-Za-z])([./0-9A-Za-z]{8})([./0-9A-Za-z]{21}[./01])$/;

/** phpass's own limit is 4,096, which takes ten times as long as any password that somebody types. */
const LONGEST_PASSWORD = 512;

/**
 * phpass's portable hashes: iterated MD5. phpBB writes the same with an H. `U` before it is Drupal's: the
 * password was digested with MD5 first.
 *
 * @see https://www.openwall.com/phpass/
 */
export const phpassFormat: PasswordFormat = {
  id: "phpass",
  title: "phpass, portable hashes",
  writtenBy: ["WordPress up to 6.7", "phpBB 3", "bbPress", "Drupal (U$P$)", "passlib"],
  shapes: ["$P$", "$H$", "U$P$", "U$H$"],
  bounds: [PHPASS_ITERATIONS],
  note: `A password of more than ${LONGEST_PASSWORD} bytes matches none.`,
  read(stored) {
    if (!/^U?\$[PH]\$/.test(stored)) return null;
    const [, over, log2 = "", salt = "", digest] = SHAPE.exec(stored) ?? [];
    if (digest === undefined) return malformed("phpass");
    const isOverMd5 = over === "U";
    return readPhpass("phpass", {
      algorithm: "md5",
      isOverMd5,
      log2,
      salt,
      digest,
      longestPassword: LONGEST_PASSWORD,
    });
  },
};
