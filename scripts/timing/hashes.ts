import { createHash, pbkdf2Sync, randomBytes } from "node:crypto";
import { hashSync as argon2 } from "@node-rs/argon2";
import { hashSync as bcrypt } from "@node-rs/bcrypt";

/** Makes a stored hash of a password. */
export type MakeHash = (password: string) => string;

/** What Authgraft makes by default; argon2id is the library's own default. */
export const argon2id: MakeHash = (password) =>
  argon2(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });

export const bcrypt8: MakeHash = (password) => bcrypt(password, { cost: 8 });

/** passlib's pbkdf2_sha256 with its default of 29,000 rounds. */
export const pbkdf2: MakeHash = (password) => {
  const salt = randomBytes(16);
  const digest = pbkdf2Sync(password, salt, 29_000, 32, "sha256");
  return `$pbkdf2-sha256$29000$${adapted(salt)}$${adapted(digest)}`;
};

/** A salted SHA-1 of a directory: RFC 2307 with a salt. */
export const ssha: MakeHash = (password) => {
  const salt = randomBytes(8);
  const digest = createHash("sha1").update(password).update(salt).digest();
  return `{SSHA}${Buffer.concat([digest, salt]).toString("base64")}`;
};

/** Begins like Argon2 and breaks off. */
export const malformed: MakeHash = (password) => argon2id(password).replace(/,p=.*$/, "");

/** Asks for eight gigabytes of memory. */
export const tooCostly: MakeHash = (password) => argon2id(password).replace("m=19456", "m=8388608");

function adapted(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "").replaceAll("+", ".");
}
