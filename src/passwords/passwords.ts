import { randomBytes } from "node:crypto";
import type { Configuration } from "../config/schema.ts";
import { classOf, type HashClass } from "./hash-class.ts";
import { createLevels, type Levels } from "./levels.ts";
import { passwordCandidates, toOpaqueString } from "./opaque-string.ts";
import {
  createHashingPool,
  type HashingPool,
  type PoolOptions,
  type PoolState,
} from "./pool/hashing-pool.ts";
import type { HashingRequest } from "./pool/job.ts";
import { SILENT_OBSERVER } from "./pool/observer.ts";
import { chooseHasher, createHashReader, type ReadStoredHash } from "./registry.ts";
import { isVerifiable, type PasswordHasher, type Reading, type StoredHash } from "./stored-hash.ts";

/**
 * What came of a verification. `match-outdated`: it matches, and was made with less than what is
 * configured, and the whole password is known, so it can be made anew.
 */
export type Verification = "no-match" | "match" | "match-outdated";

/** What the configuration says about hashing. */
export type PasswordSettings = Pick<Configuration["passwords"], "algorithm" | "bcryptCost" | "legacy">;

/** Hashing and verifying, with the configured hasher. */
export interface Passwords {
  /** How long the texts are that `hash` gives back, in characters. */
  readonly hashLength: number;
  /** Reads a stored text without doing any of its work. */
  readonly read: ReadStoredHash;
  /** @throws OverloadedError `overloaded`, SignInError `request_abandoned`. */
  hash(password: string, request?: HashingRequest): Promise<string>;
  /**
   * Verifies a password. A failure costs the work of the slowest class of hash that is known, whether there
   * is no stored hash, one that verifies nothing, or one of any class.
   *
   * @throws OverloadedError `overloaded`, SignInError `request_abandoned`.
   */
  verify(stored: string | null, password: string, request?: HashingRequest): Promise<Verification>;
  /** Takes note of the classes of hash in the users table, and measures those that are new. */
  learn(classes: readonly HashClass[]): Promise<void>;
  state(): PoolState;
  /** Lets what runs finish, refuses what waits, and ends the threads. */
  close(): Promise<void>;
}

/**
 * Puts the hasher and the pool together, and measures what a new hash costs. A pool that is no longer needed
 * is to be closed.
 */
export async function createPasswords(
  settings: PasswordSettings,
  options: PoolOptions = {},
): Promise<Passwords> {
  const hasher = chooseHasher(settings);
  const read = createHashReader(settings.legacy);
  const pool = createHashingPool({ hashes: settings, formats: settings.legacy }, options);
  const { hash: own } = await pool.run({ kind: "hash", password: randomBytes(24) });
  const levels = await createLevels(pool, ownClass(own, read(own)));
  return {
    hashLength: own.length,
    read,
    async hash(password, request) {
      const bytes = new TextEncoder().encode(toOpaqueString(password));
      return (await pool.run({ kind: "hash", password: bytes }, request)).hash;
    },
    verify: createVerify({ hasher, read, pool, levels, observer: options.observer ?? SILENT_OBSERVER }),
    learn: (classes) => levels.learn(classes),
    state: () => pool.state(),
    close: () => pool.close(),
  };
}

function ownClass(own: string, reading: Reading): HashClass {
  if (!isVerifiable(reading)) throw new Error("what was hashed just now cannot be read");
  return classOf(own, reading);
}

interface Parts {
  readonly hasher: PasswordHasher;
  readonly read: ReadStoredHash;
  readonly pool: HashingPool;
  readonly levels: Levels;
  readonly observer: Pick<typeof SILENT_OBSERVER, "unverifiable">;
}

/** A password that is empty, or no text, is nobody's; the work is done on this one all the same. */
const NOBODYS = [Uint8Array.of(0x2d)];

function createVerify({ hasher, read, pool, levels, observer }: Parts): Passwords["verify"] {
  return async (stored, password, request) => {
    const given = passwordCandidates(password);
    const candidates = given.length === 0 ? NOBODYS : given;
    const reading = stored === null ? null : read(stored);
    if (reading !== null && !isVerifiable(reading)) observer.unverifiable(reading.fault);
    const target =
      stored !== null && reading !== null && isVerifiable(reading) && given.length > 0
        ? { stored, reading }
        : null;
    const keeper = levels.of(Math.max(...candidates.map((candidate) => candidate.length)));
    const level = keeper.current();
    const work = { kind: "verify", stored: target?.stored ?? null, candidates, level } as const;
    const { place, ...took } = await pool.run(work, request);
    if (took.levelMicroseconds !== null) keeper.observe(level.of, took.levelMicroseconds);
    if (target === null) return "no-match";
    if (took.microseconds !== null) keeper.observe(classOf(target.stored, target.reading), took.microseconds);
    if (place === -1) return "no-match";
    return isRenewable(hasher, target.reading, password) ? "match-outdated" : "match";
  };
}

/**
 * A hash that counts only the first bytes of a password has been matched by those bytes alone: a longer
 * password is not known to be the user's, so no new hash is made of it. Nor of one with NUL, by which bcrypt
 * tells where it begins anew, nor where the format left out or changed a part that a new hash would count.
 */
function isRenewable(hasher: PasswordHasher, stored: StoredHash, password: string): boolean {
  if (hasher.isCurrent(stored) || password.includes("\0")) return false;
  if (stored.isWhole?.(new TextEncoder().encode(toOpaqueString(password))) === false) return false;
  const most = Math.min(
    stored.significantBytes ?? Number.POSITIVE_INFINITY,
    hasher.maximumBytes ?? Number.POSITIVE_INFINITY,
  );
  return passwordCandidates(password).every((candidate) => candidate.length <= most);
}
