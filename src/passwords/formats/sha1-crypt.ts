import { malformed, tooCostly } from "../fault.ts";
import { encodeInCryptOrder } from "../primitives/crypt-base64.ts";
import { DIGEST_BYTES, digestInto, digestOf } from "../primitives/digest.ts";
import { isSameText } from "../primitives/same-text.ts";
import type { CostBound, PasswordFormat } from "../stored-hash.ts";
import { refuseUnsalted } from "../unsalted.ts";

const ROUNDS: CostBound = {
  parameter: "rounds",
  most: 1_000_000,
  reason: "twice passlib's default of 480,000; about two seconds of one core",
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

/** HMAC (RFC 2104) by hand: to set up an Hmac object for each round takes ten times as long. */
function sha1Crypt(password: Uint8Array, salt: string, rounds: number): string {
  const [innerKey, outerKey] = [padKey(password, 0x36), padKey(password, 0x5c)];
  const inner = Buffer.concat([innerKey, Buffer.alloc(DIGEST_BYTES.sha1)]);
  const outer = Buffer.concat([outerKey, digestOf("sha1", innerKey, Buffer.from(`${salt}$sha1$${rounds}`))]);
  for (let round = 1; round < rounds; round += 1) {
    digestInto("sha1", outer, inner, BLOCK);
    digestInto("sha1", inner, outer, BLOCK);
  }
  return encodeInCryptOrder(digestOf("sha1", outer), ORDER);
}

function padKey(key: Uint8Array, pad: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.set(key.length > BLOCK ? digestOf("sha1", key) : key);
  return Buffer.from(block.map((byte) => byte ^ pad));
}
