import { verifySync } from "@node-rs/bcrypt";
import { malformed, tooCostly } from "../fault.ts";
import type { CostBound, Unverifiable } from "../stored-hash.ts";

/** What a stored bcrypt hash may ask for, whoever wrote it. */
export const BCRYPT_COST: CostBound = {
  parameter: "cost",
  most: 16,
  reason:
    "each step doubles the work, and 16 already takes about five seconds of one core; 10 to 14 is usual",
};

/** bcrypt reads no more of a password than this. */
export const BCRYPT_SIGNIFICANT_BYTES = 72;

/** A bcrypt hash that is well formed and within its bound. */
export interface BcryptHash {
  readonly cost: number;
  /** Whether this is the hash of these bytes, of which the first 72 count. */
  matches(bytes: Uint8Array): boolean;
}

/** The identifiers whose hashes every implementation made alike, for passwords of up to 255 bytes. */
const SOUND = ["2a", "2b", "2y"];

const BROKEN: Readonly<Record<string, string>> = {
  "2": "It is of the first bcrypt ($2$), which did not count the end of a password.",
  "2x": "It was made by a broken implementation (crypt_blowfish before 1.1, which extended the sign of bytes above 127).",
};

const SHAPE = /^\$(2[abxy]?)\$(0[4-9]|[12]\d|3[01])\$([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/;

/** Whether a text begins like bcrypt's. */
export function looksLikeBcrypt(text: string): boolean {
  return /^\$2[abxy]?\$/.test(text);
}

/** Reads `$2b$12$` with salt and digest on behalf of a format. */
export function readBcrypt(format: string, text: string): BcryptHash | Unverifiable {
  const [, identifier = "", cost = "", salt = "", digest = ""] = SHAPE.exec(text) ?? [];
  if (identifier === "") return malformed(format);
  if (!SOUND.includes(identifier)) return { fault: "refused", format, reason: BROKEN[identifier] ?? "" };
  if (Number(cost) > BCRYPT_COST.most) return tooCostly(format, BCRYPT_COST);
  const stored = `$${identifier}$${cost}$${clearBits(salt, 4)}${clearBits(digest, 2)}`;
  return { cost: Number(cost), matches: (bytes) => verifySync(bytes, stored) };
}

const ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/**
 * The last character of a salt and of a digest has bits to spare. Old writers left chance in them and no
 * implementation reads them, save the one used here, which wants them to be zero.
 */
function clearBits(text: string, spare: number): string {
  const last = ALPHABET.indexOf(text.slice(-1));
  return text.slice(0, -1) + ALPHABET.charAt((last >> spare) << spare);
}

/** Whether the bits to spare in a salt's last character are zero, as they are where they count. */
export function isCanonicalBcryptSalt(salt: string): boolean {
  return clearBits(salt, 4) === salt;
}
