import type { HashSettings } from "../registry.ts";
import type { FormatSettings } from "../stored-hash.ts";

/** What a hashing thread is started with. */
export interface ThreadSettings {
  readonly hashes: HashSettings;
  readonly formats: FormatSettings;
  /** How far below the event loop's its scheduling priority is, 0 to 19. */
  readonly niceness: number;
}

/** The work of the slowest class of stored hash, which every failure is made to cost. */
export interface Level {
  /** A stored hash of that class; what comes of verifying it is thrown away. */
  readonly stored: string;
  /** Microseconds of processor time for one candidate. */
  readonly microseconds: number;
}

/** One piece of work for a hashing thread. */
export type Work =
  | { readonly kind: "hash"; readonly password: Uint8Array }
  | {
      readonly kind: "verify";
      /** Null where there is nothing to verify against; the work of the level is done all the same. */
      readonly stored: string | null;
      /** At least one. */
      readonly candidates: readonly Uint8Array[];
      readonly level: Level;
    }
  | { readonly kind: "measure"; readonly stored: string; readonly passwordBytes: number };

/** What came of it. */
export type Answer =
  | { readonly kind: "hash"; readonly hash: string }
  | {
      readonly kind: "verify";
      /** The place of the first candidate that matches, or -1. */
      readonly place: number;
      /** Microseconds of processor time a candidate, of the stored hash itself; null where none was tried in vain. */
      readonly microseconds: number | null;
      /** The same of the level's hash; null where it was not needed. */
      readonly levelMicroseconds: number | null;
    }
  | { readonly kind: "measure"; readonly microseconds: number };

/** The answer that belongs to a piece of work. */
export type AnswerTo<Asked extends Work> = Extract<Answer, { kind: Asked["kind"] }>;
