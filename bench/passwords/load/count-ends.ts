import type { Window } from "./child.ts";

/** What came of many pieces of work that were done one after another by several at a time. */
export interface EndCounts {
  /** How many ended well within the window, each second of it. */
  readonly perSecond: number;
  /** The same pieces' usual time, in milliseconds. */
  readonly median: number;
  /** Turned away and tried again, and failed for any other reason, at any time. */
  readonly refused: number;
  readonly failed: number;
}

/** Counts them. */
export interface EndCounter {
  /** A piece ended well now that began at `since`, by `Date.now()`. */
  succeeded(since: number): void;
  refused(): void;
  failed(): void;
  counts(): EndCounts;
}

export function createEndCounter({ from, to }: Window): EndCounter {
  const taken: number[] = [];
  let [refused, failed] = [0, 0];
  return {
    succeeded(since) {
      const now = Date.now();
      if (now >= from && now < to) taken.push(now - since);
    },
    refused: () => void refused++,
    failed: () => void failed++,
    counts: () => ({
      perSecond: (taken.length * 1_000) / (to - from),
      median: taken.toSorted((one, other) => one - other)[taken.length >> 1] ?? 0,
      refused,
      failed,
    }),
  };
}
