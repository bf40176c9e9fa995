import type { RunContext } from "./run-context.ts";

/** What the strong locks of a run came to; times in milliseconds. */
export interface LockReport {
  /** How often one was asked for. */
  readonly attempts: number;
  /** The longest time a request stood in the lock queue. */
  readonly longest_wait_ms: number;
  /** The longest time anybody was seen waiting behind the run. */
  readonly longest_blocked_ms: number;
  /** How often the run gave way to somebody who waited behind it. */
  readonly cancelled: number;
  /** For how long the run waited for others, all in all. */
  readonly waited_ms: number;
}

/** The locks of a run so far. */
export function lockReport({ locks, patience }: RunContext): LockReport {
  return {
    attempts: locks.attempts,
    longest_wait_ms: tenths(locks.longestWait),
    longest_blocked_ms: tenths(locks.longestBlocked),
    cancelled: locks.cancelled,
    waited_ms: tenths(patience.spent),
  };
}

function tenths(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
