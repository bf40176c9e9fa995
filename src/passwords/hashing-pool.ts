import { availableParallelism } from "node:os";
import { createLimiter, type Limits } from "./limiter.ts";
import { readStoredHash } from "./registry.ts";
import type { PasswordHasher } from "./stored-hash.ts";

/**
 * Where all hashing runs: the native functions on libuv's threads, a few at a time. What goes in and comes
 * out is plain data.
 */
export interface HashingPool {
  /** @throws SignInError `overloaded` */
  hash(password: Uint8Array): Promise<string>;
  /**
   * Tries the candidates in order against one stored hash.
   *
   * @returns the place of the first that matches, or -1.
   * @throws SignInError `overloaded`
   */
  verify(stored: string, candidates: readonly Uint8Array[]): Promise<number>;
}

/**
 * libuv has four threads unless told otherwise, and name look-ups and files need one too; more jobs than
 * cores only make each of them slower. A hundred waiting argon2 hashes are about a second's work.
 */
const DEFAULT_LIMITS: Limits = { concurrency: Math.min(3, availableParallelism()), queue: 100 };

/** Makes the pool for the configured hasher. */
export function createHashingPool(hasher: PasswordHasher, limits: Limits = DEFAULT_LIMITS): HashingPool {
  const limiter = createLimiter(limits);
  return {
    hash: (password) => limiter.run(() => hasher.hash(password)),
    verify: (stored, candidates) => limiter.run(() => firstMatch(stored, candidates)),
  };
}

async function firstMatch(stored: string, candidates: readonly Uint8Array[]): Promise<number> {
  const reading = readStoredHash(stored);
  if (typeof reading === "string") return -1;
  for (const [place, candidate] of candidates.entries()) {
    if (await reading.verify(candidate)) return place;
  }
  return -1;
}
