import type { Outcome } from "./outcome.ts";

/** A vector of other people's of which something else is decided here. */
export interface Exception {
  readonly hash: string;
  /** What comes of it here. */
  readonly outcome: Outcome;
  /** Why, for whoever reviews the list. */
  readonly reason: string;
}

/** The reviewed list. One that a file has and that would pass by itself counts as a failure, so that the list stays short. */
export const EXCEPTIONS: readonly Exception[] = [];
