import { malformed, tooCostly } from "../fault.ts";
import type { CostBound, PasswordFormat } from "../stored-hash.ts";
import { refuseUnsalted } from "../unsalted.ts";
import { encodeInCryptOrder } from "./crypt-base64.ts";
import { bitsOf, type CryptStart, repeatTo, runCryptRounds } from "./crypt-rounds.ts";
import { digestOf } from "./digest.ts";
import { isSameText } from "./same-text.ts";

const ROUNDS: CostBound = {
  parameter: "rounds",
  most: 1_000_000,
  reason: "half as much again as passlib's default of 656,000; about two seconds of one core",
};

/** Where a text does not say. */
const ROUNDS_UNSAID = 5_000;

/**
 * A longer password matches nothing and costs nothing: the work grows with its length, at the beginning with
 * the square of it. libxcrypt, the crypt(3) of today's Linux, draws the same line (CRYPT_MAX_PASSPHRASE_SIZE).
 */
const LONGEST_PASSWORD = 512;

/** What tells the two SHA-crypts apart. */
export interface ShaCrypt extends Pick<PasswordFormat, "id" | "title"> {
  readonly prefix: "$5$" | "$6$";
  readonly algorithm: "sha256" | "sha512";
  /** Rounds, salt and digest. */
  readonly shape: RegExp;
  /** In which order the bytes of the digest are written. */
  readonly order: readonly number[];
}

/** Makes the format of one SHA-crypt. @see https://www.akkadia.org/drepper/SHA-crypt.txt */
export function shaCryptFormat(kind: ShaCrypt): PasswordFormat {
  const { id, title, prefix, algorithm, shape, order } = kind;
  return {
    id,
    title,
    writtenBy: ["crypt(3)", "shadow", "mkpasswd", "passlib", "PHP", "Dovecot", "OpenSSL"],
    shapes: [prefix, `${prefix}rounds=`],
    bounds: [ROUNDS],
    note: `A password of more than ${LONGEST_PASSWORD} bytes matches none, as with crypt(3).`,
    read(stored, { settings }) {
      if (!stored.startsWith(prefix)) return null;
      const [, said = `${ROUNDS_UNSAID}`, salt = "", digest] = shape.exec(stored) ?? [];
      if (digest === undefined) return malformed(id);
      const rounds = Number(said);
      if (rounds > ROUNDS.most) return tooCostly(id, ROUNDS);
      if (salt === "" && settings.unsalted === "refuse") return refuseUnsalted(id);
      const encode = (password: Uint8Array) =>
        encodeInCryptOrder(runCryptRounds(startOf(algorithm, password, Buffer.from(salt)), rounds), order);
      return {
        format: id,
        parameters: { digest: algorithm, rounds },
        significantBytes: null,
        verify: (password) => password.length <= LONGEST_PASSWORD && isSameText(encode(password), digest),
      };
    },
  };
}

/** Steps 1 to 20 of the specification: what the rounds begin with, and what they take for password and salt. */
function startOf(algorithm: ShaCrypt["algorithm"], password: Uint8Array, salt: Uint8Array): CryptStart {
  const { length } = password;
  const other = digestOf(algorithm, password, salt, password);
  const mixed = bitsOf(length).map((bit) => (bit ? other : password));
  const first = digestOf(algorithm, password, salt, repeatTo(length, other), ...mixed);
  const ofPassword = digestOf(algorithm, repeatTo(length * length, password));
  const ofSalt = digestOf(algorithm, repeatTo(salt.length * (16 + first.readUInt8(0)), salt));
  return {
    algorithm,
    first,
    password: repeatTo(length, ofPassword),
    salt: repeatTo(salt.length, ofSalt),
  };
}
