import type { FeedPosition } from "./feed-position.ts";
import type { Mark } from "./freshness.ts";

/** Milliseconds after which whatever a server has given out a transaction id for is on its disk. */
const SETTLED = 10_000;

interface Place {
  readonly position: FeedPosition;
  readonly mark: Mark;
}

/** The positions a reader has been at. */
export interface Places {
  /** What was asked for at that moment brought it there. */
  reached(position: FeedPosition, mark: Mark): void;
  /** Where to go on from on the same connection. */
  latest(): FeedPosition | null;
  /** When the latest was asked for. */
  mark(): Mark | undefined;
  /** Where to go on from on another connection; null: from the start. */
  settled(): FeedPosition | null;
  /** Everything is to be read anew. */
  forget(): void;
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
    reached(position, mark) {
      latest = { position, mark };
      next ??= latest;
      if (mark.steady - next.mark.steady >= SETTLED) [settled, next] = [next, latest];
    },
    latest: () => latest?.position ?? null,
    mark: () => latest?.mark,
    settled: () => settled?.position ?? null,
    forget() {
      [settled, next, latest] = [null, null, null];
    },
  };
}
