import { randomBytes } from "node:crypto";
import { createHashingPool } from "./hashing-pool.ts";
import type { Limits } from "./limiter.ts";
import { passwordCandidates, toOpaqueString } from "./opaque-string.ts";
import { chooseHasher, type HashSettings, readStoredHash } from "./registry.ts";
import type { PasswordHasher, StoredHash } from "./stored-hash.ts";

/**
 * What came of a verification. `match-outdated`: it matches, and was made with less than what is
 * configured, and the whole password is known, so it can be made anew.
 */
export type Verification = "no-match" | "match" | "match-outdated";

/** Hashing and verifying, with the configured hasher. */
export interface Passwords {
  /** How long the texts are that `hash` gives back, in characters. */
  readonly hashLength: number;
  /** @throws SignInError `overloaded` */
  hash(password: string): Promise<string>;
  /**
   * Verifies a password. Where there is no stored hash, or one that cannot be read, it does the work of
   * the configured hash all the same and answers `no-match`.
   *
   * @throws SignInError `overloaded`
   */
  verify(stored: string | null, password: string): Promise<Verification>;
}

/** Puts the hasher and the pool together, and makes the hash that unknown users are verified against. */
export async function createPasswords(settings: HashSettings, limits?: Limits): Promise<Passwords> {
  const hasher = chooseHasher(settings);
  const pool = createHashingPool(hasher, limits);
  const dummy = await pool.hash(randomBytes(24));
  return {
    hashLength: dummy.length,
    hash: (password) => pool.hash(Buffer.from(toOpaqueString(password), "utf8")),
    async verify(stored, password) {
      const candidates = passwordCandidates(password);
      const reading = stored === null ? "unknown" : readStoredHash(stored);
      if (stored === null || typeof reading === "string" || candidates.length === 0) {
        await pool.verify(dummy, candidates.length === 0 ? [Buffer.from("-")] : candidates);
        return "no-match";
      }
      const place = await pool.verify(stored, candidates);
      if (place === -1) return "no-match";
      return isRenewable(hasher, reading, password) ? "match-outdated" : "match";
    },
  };
}

/**
 * A hash that counts only the first bytes of a password has been matched by those bytes alone: a longer
 * password is not known to be the user's, so no new hash is made of it.
 */
function isRenewable(hasher: PasswordHasher, stored: StoredHash, password: string): boolean {
  if (hasher.isCurrent(stored)) return false;
  const most = Math.min(
    stored.significantBytes ?? Number.POSITIVE_INFINITY,
    hasher.maximumBytes ?? Number.POSITIVE_INFINITY,
  );
  return passwordCandidates(password).every((candidate) => candidate.length <= most);
}
