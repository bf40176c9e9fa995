import { malformed } from "../fault.ts";
import { encodeInCryptOrder } from "../primitives/crypt-base64.ts";
import { bitsOf, repeatTo, runCryptRounds } from "../primitives/crypt-rounds.ts";
import { digestOf } from "../primitives/digest.ts";
import { isSameText } from "../primitives/same-text.ts";
import type { PasswordFormat } from "../stored-hash.ts";
import { refuseUnsalted } from "../unsalted.ts";

const SHAPE = /^(\$1\$|\$apr1\$)([./0-9A-Za-z]{0,8})\$([./0-9A-Za-z]{21}[./01])$/;

/** The function knows no other number. */
const ROUNDS = 1_000;

/**
 * A longer password matches nothing and costs nothing: each round reads all of it. libxcrypt, the crypt(3) of
 * today's Linux, draws the same line (CRYPT_MAX_PASSPHRASE_SIZE).
 */
const LONGEST_PASSWORD = 512;

/** In which order the bytes of the digest are written. */
const ORDER = [12, 6, 0, 13, 7, 1, 14, 8, 2, 15, 9, 3, 5, 10, 4, 11];

/**
 * Poul-Henning Kamp's md5-crypt, and Apache's variant, which differs in its name alone.
 *
 * @see https://cgit.freebsd.org/src/tree/lib/libcrypt/crypt-md5.c
 * @see https://httpd.apache.org/docs/2.4/misc/password_encryptions.html
 */
export const md5CryptFormat: PasswordFormat = {
  id: "md5-crypt",
  title: "MD5 crypt",
  writtenBy: ["crypt(3)", "htpasswd", "passlib", "PHP", "Dovecot", "OpenSSL"],
  shapes: ["$1$", "$apr1$"],
  bounds: [],
  note: `Its work is always the same: 1,000 rounds. A password of more than ${LONGEST_PASSWORD} bytes matches none.`,
  read(stored, { settings }) {
    if (!stored.startsWith("$1$") && !stored.startsWith("$apr1$")) return null;
    const [, magic = "", salt = "", digest] = SHAPE.exec(stored) ?? [];
    if (digest === undefined) return malformed("md5-crypt");
    if (salt === "" && settings.unsalted === "refuse") return refuseUnsalted("md5-crypt");
    return {
      format: "md5-crypt",
      parameters: { digest: "md5", rounds: ROUNDS },
      significantBytes: null,
      verify: (password) =>
        password.length <= LONGEST_PASSWORD &&
        isSameText(md5Crypt(password, magic, Buffer.from(salt)), digest),
    };
  },
};

function md5Crypt(password: Uint8Array, magic: string, salt: Uint8Array): string {
  const { length } = password;
  const other = digestOf("md5", password, salt, password);
  // A set bit was to mix in the digest's first byte; the first implementation had cleared it by then.
  const mixed = bitsOf(length).map((bit) => (bit ? Buffer.of(0) : password.subarray(0, 1)));
  const first = digestOf("md5", password, Buffer.from(magic), salt, repeatTo(length, other), ...mixed);
  return encodeInCryptOrder(runCryptRounds({ algorithm: "md5", first, password, salt }, ROUNDS), ORDER);
}
