import type { HashCount } from "./hash-tally.ts";
import type { Match } from "./matching.ts";
import type { Fault } from "./source/source-row.ts";

/** What becomes of a row. */
export const OUTCOMES = [
  "new",
  "password_added",
  "password_replaced",
  "updated",
  "kept",
  "unchanged",
  "absent",
  "refused",
] as const;

export type Outcome = (typeof OUTCOMES)[number];

export type OutcomeCounts = Readonly<Record<Outcome, number>>;

/** The outcomes that something is written for. */
export const WRITTEN: readonly Outcome[] = ["new", "password_added", "password_replaced", "updated"];

/** A row that does not fit. */
export interface RefusedRow extends Fault {
  readonly row: number;
}

/** What the file comes to: before anything is written what would be, afterwards what was. */
export interface ImportReport {
  /**
   * `dry_run` and `declined`: nothing was to be written; `refused`: nothing was, for rows do not fit; `stopped`: rows
   * did not fit that only the application's own rules know of, and what was written before them stands.
   */
  readonly state: "imported" | "dry_run" | "refused" | "declined" | "stopped" | "pending";
  readonly format: string;
  readonly match: Match;
  readonly rows: number;
  readonly outcomes: OutcomeCounts;
  /** How many rows of each outcome were written by this run. */
  readonly written: OutcomeCounts;
  readonly hashes: readonly HashCount[];
  /** Passwords in plaintext, which are hashed on their way. */
  readonly plain_passwords: number;
  /** The first of the rows that do not fit; `outcomes.refused` says how many there are. */
  readonly refused: readonly RefusedRow[];
  /** Settings that the server needs to verify what was carried over. */
  readonly needs: readonly string[];
  readonly notes: readonly string[];
}

/** How far an import is. */
export interface ImportProgress {
  readonly phase: "reading" | "deciding" | "writing";
  readonly rows: number;
  /** Between 0 and 1; null where that is not known. */
  readonly share: number | null;
}

export function noOutcomes(): Record<Outcome, number> {
  return Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as Record<Outcome, number>;
}
