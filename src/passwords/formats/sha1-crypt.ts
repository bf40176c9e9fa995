import { malformed, tooCostly } from "../fault.ts";
import { encodeInCryptOrder } from "../primitives/crypt-base64.ts";
import { digestOf } from "../primitives/digest.ts";
import { isSameText } from "../primitives/same-text.ts";
import type { CostBound, PasswordFormat } from "../stored-hash.ts";
import { refuseUnsalted } from "../unsalted.ts";

const ROUNDS: CostBound = {
  parameter: "rounds",
  most: 1_000_000,
  reason: "twice passlib's default of 480,000; a few seconds of one core",
};

const SHAPE = /^\$sha1\$([1-9]\d{0,9})\$([./0-9A-Za-z]{0,64})\$([./0-9A-Za-z]{28})$/;

/** In which order the bytes of the digest are written; the first comes again to fill the last group. */
const ORDER = [2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9, 14, 13, 12, 17, 16, 15, 0, 19, 18];

/** What SHA-1 takes at a time, in bytes. */
const BLOCK = 64;

/** NetBSD's sha1-crypt: HMAC-SHA1 over and over. @see https://man.netbsd.org/crypt.3 */
export const sha1CryptFormat: PasswordFormat = {
  id: "sha1-crypt",
  title: "SHA-1 crypt",
  writtenBy: ["NetBSD", "passlib"],
  shapes: ["$sha1$"],
  bounds: [ROUNDS],
  read(stored, { settings }) {
    if (!stored.startsWith("$sha1$")) return null;
    const [, said, salt = "", digest] = SHAPE.exec(stored) ?? [];
    if (digest === undefined) return malformed("sha1-crypt");
    const rounds = Number(said);
    if (rounds > ROUNDS.most) return tooCostly("sha1-crypt", ROUNDS);
    if (salt === "" && settings.unsalted === "refuse") return refuseUnsalted("sha1-crypt");
    return {
      format: "sha1-crypt",
      parameters: { digest: "sha1", rounds },
      significantBytes: null,
      verify: (password) => isSameText(sha1Crypt(password, salt, rounds), digest),
    };
  },
};

function sha1Crypt(password: Uint8Array, salt: string, rounds: number): string {
  const hmac = hmacSha1(password);
  let digest = hmac(Buffer.from(`${salt}$sha1$${rounds}`));
  for (let round = 1; round < rounds; round += 1) digest = hmac(digest);
  return encodeInCryptOrder(digest, ORDER);
}

/** HMAC-SHA1 (RFC 2104) for one key and many texts: setting up an Hmac object each time takes six times as long. */
function hmacSha1(key: Uint8Array): (text: Uint8Array) => Buffer {
  const block = Buffer.alloc(BLOCK);
  block.set(key.length > BLOCK ? digestOf("sha1", key) : key);
  const [inner, outer] = [block.map((byte) => byte ^ 0x36), block.map((byte) => byte ^ 0x5c)];
  return (text) => digestOf("sha1", outer, digestOf("sha1", inner, text));
}
