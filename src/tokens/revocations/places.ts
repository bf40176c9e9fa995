import type { FeedPosition } from "./feed-position.ts";

/** Milliseconds after which whatever a server has given out a transaction id for is on its disk. */
const SETTLED = 10_000;

interface Place {
  readonly position: FeedPosition;
  readonly at: number;
}

/** The positions a reader has been at. */
export interface Places {
  reached(position: FeedPosition, at: number): void;
  /** Where to go on from on the same connection. */
  latest(): FeedPosition | null;
  /** Where to go on from on another connection; null: from the start. */
  settled(): FeedPosition | null;
}

/**
 * Remembers a position of at least ten seconds ago beside the latest.
 *
 * A server that crashed may give out transaction ids a second time when they had not reached its disk. Who knows
 * of a lost connection only must suppose that, and go on from where everything had.
 */
export function createPlaces(): Places {
  let [settled, next, latest]: (Place | null)[] = [null, null, null];
  return {
    reached(position, at) {
      latest = { position, at };
      next ??= latest;
      if (at - next.at >= SETTLED) [settled, next] = [next, latest];
    },
    latest: () => latest?.position ?? null,
    settled: () => settled?.position ?? null,
  };
}
