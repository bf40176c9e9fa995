import { createHash, createHmac } from "node:crypto";
import { malformed } from "../fault.ts";
import { BCRYPT_COST, isCanonicalBcryptSalt, readBcrypt } from "../primitives/bcrypt.ts";
import type { PasswordFormat } from "../stored-hash.ts";

const ID = "bcrypt-sha256";

const TAIL = "(\\d|[1-9]\\d)\\$([./A-Za-z0-9]{22})\\$([./A-Za-z0-9]{31})$";
const VERSION_1 = new RegExp(`^\\$bcrypt-sha256\\$(2[ab]),${TAIL}`);
const VERSION_2 = new RegExp(`^\\$bcrypt-sha256\\$v=2,t=(2b),r=${TAIL}`);

/** What bcrypt is given for a password: base64 of a digest, which has no NUL in it and is never cut off. */
type Prepare = (password: Uint8Array, salt: string) => Buffer;

const prepareVersion1: Prepare = (password) =>
  Buffer.from(createHash("sha256").update(password).digest("base64"));

/** The key is the salt as it is written. */
const prepareVersion2: Prepare = (password, salt) =>
  Buffer.from(createHmac("sha256", salt).update(password).digest("base64"));

/** passlib's bcrypt over SHA-256: version 1 up to 1.7.2, version 2 (HMAC, keyed by the salt) since. */
export const bcryptSha256Format: PasswordFormat = {
  id: ID,
  title: "bcrypt over SHA-256 (passlib)",
  writtenBy: ["passlib"],
  shapes: ["$bcrypt-sha256$v=2,t=2b,r=", "$bcrypt-sha256$2b,", "$bcrypt-sha256$2a,"],
  bounds: [BCRYPT_COST],
  read(stored) {
    if (!stored.startsWith("$bcrypt-sha256$")) return null;
    const [first, second] = [VERSION_1.exec(stored), VERSION_2.exec(stored)];
    const [, identifier, rounds = "", salt = "", digest = ""] = first ?? second ?? [];
    // Where the salt is a key, each way to write it is another salt.
    if (second !== null && !isCanonicalBcryptSalt(salt)) return malformed(ID);
    const hash = readBcrypt(ID, `$${identifier}$${rounds.padStart(2, "0")}$${salt}${digest}`);
    if ("fault" in hash) return hash;
    const prepare = second === null ? prepareVersion1 : prepareVersion2;
    return {
      format: ID,
      parameters: { cost: hash.cost },
      significantBytes: null,
      verify: (password) => hash.matches(prepare(password, salt)),
    };
  },
};
