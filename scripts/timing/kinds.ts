import { argon2id, bcrypt8, type MakeHash, malformed, pbkdf2, ssha, tooCostly } from "./hashes.ts";

/** One reason for which a login fails; from outside none is to be told from another. */
export interface Kind {
  readonly name: string;
  /** What stands in the column of hashes: null where nothing does, undefined where there is no such user. */
  readonly stored: MakeHash | null | undefined;
  /** Whether the account is disabled. */
  readonly disabled?: boolean;
  /** Whether the password that is sent is the right one. */
  readonly right?: boolean;
  /** Whether somebody with such a hash could sign in; proved before anything is timed. */
  readonly verifiable?: boolean;
}

/** A population as applications have it that took along several generations of hashes. */
export const KINDS: readonly Kind[] = [
  { name: "wrong password, argon2id", stored: argon2id, verifiable: true },
  { name: "wrong password, bcrypt of cost 8", stored: bcrypt8, verifiable: true },
  { name: "wrong password, PBKDF2 of 29,000 rounds", stored: pbkdf2, verifiable: true },
  { name: "wrong password, salted SHA-1", stored: ssha, verifiable: true },
  { name: "no password", stored: null },
  { name: "unknown user", stored: undefined },
  { name: "disabled, right password", stored: argon2id, disabled: true, right: true },
  { name: "disabled, wrong password", stored: argon2id, disabled: true },
  { name: "malformed hash", stored: malformed },
  { name: "too costly a hash", stored: tooCostly },
];
