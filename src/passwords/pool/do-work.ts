import { pbkdf2Sync } from "node:crypto";
import { chooseHasher, createHashReader } from "../registry.ts";
import { isVerifiable } from "../stored-hash.ts";
import type { ReadProcessorTime } from "./processor-time.ts";
import type { Answer, AnswerTo, Level, ThreadSettings, Work } from "./work.ts";

type Verify = Extract<Work, { kind: "verify" }>;
type Matches = (stored: string, candidate: Uint8Array) => boolean;

/** Makes what a hashing thread does with one piece of work. It runs to its end on the calling thread. */
export function createDoWork(settings: ThreadSettings, now: ReadProcessorTime): (work: Work) => Answer {
  const hasher = chooseHasher(settings.hashes);
  const read = createHashReader(settings.formats);
  const matches: Matches = (stored, candidate) => {
    const reading = read(stored);
    try {
      return isVerifiable(reading) && reading.verify(candidate);
    } catch {
      // An algorithm that this OpenSSL has switched off (FIPS): a login that fails, not a server that does.
      return false;
    }
  };
  return (work) => {
    switch (work.kind) {
      case "hash":
        return { kind: "hash", hash: hasher.hash(work.password) };
      case "verify":
        return verify(work, matches, now);
      case "measure": {
        const password = Buffer.alloc(work.passwordBytes, "m");
        return { kind: "measure", microseconds: timed(now, () => matches(work.stored, password)) };
      }
    }
  };
}

/** Under this share of the level, a stored hash is so cheap that the level's own work fits on top of it. */
const NEGLIGIBLE = 0.05;

/**
 * A match is answered at once. A failure costs what the slowest class of stored hash costs: where there is
 * no hash or a cheap one, that class's own work is done, so that it meets the same memory and caches; then,
 * whatever has been done, the rest is filled up to the level.
 */
function verify(
  { stored, candidates, level }: Verify,
  matches: Matches,
  now: ReadProcessorTime,
): AnswerTo<Verify> {
  const start = now();
  const place = stored === null ? -1 : candidates.findIndex((candidate) => matches(stored, candidate));
  if (place !== -1) return { kind: "verify", place, microseconds: null, levelMicroseconds: null };
  const own = now() - start;
  const isCheap = own < NEGLIGIBLE * level.microseconds * candidates.length;
  const spent = isCheap ? timed(now, () => doLevelWork(level, candidates, matches)) : null;
  fillUp(start + level.microseconds * candidates.length, now);
  return {
    kind: "verify",
    place,
    microseconds: stored === null ? null : own / candidates.length,
    levelMicroseconds: spent === null ? null : spent / candidates.length,
  };
}

function doLevelWork({ stored }: Level, candidates: readonly Uint8Array[], matches: Matches): void {
  for (const candidate of candidates) matches(stored, candidate);
}

/** Iterations of PBKDF2 a microsecond: of a slow machine, to begin with, and of a fast one, to believe at the most. */
const SLOW = 1;
const FAST = 5;

/** The share of what is left that one piece of filling work is made for, so that it does not go beyond it. */
const CAREFUL = 0.8;

/** Pieces that get smaller; a look at the clock costs as much as some hundred iterations, so there are few. */
function fillUp(end: number, now: ReadProcessorTime): void {
  let pace = SLOW;
  for (let left = end - now(); left > 0; ) {
    const iterations = Math.ceil(left * pace * CAREFUL);
    pbkdf2Sync("filling", "filling", iterations, 32, "sha256");
    const after = end - now();
    // One look that was off may not make the next piece many times too large.
    pace = Math.min(FAST, pace * 2, Math.max(SLOW, iterations / Math.max(1, left - after)));
    left = after;
  }
}

function timed(now: ReadProcessorTime, work: () => void): number {
  const start = now();
  work();
  return now() - start;
}
