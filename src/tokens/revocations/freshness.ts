/** Two clocks: the one that never goes back, and the one that goes on while a machine sleeps. */
export interface Clocks {
  /** Milliseconds since some moment; never set, never going back. */
  readonly steady: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A moment, by both clocks. */
export interface Mark {
  readonly steady: number;
  readonly now: number;
}

/** Reads both clocks: before a question is sent, for its answer is as old as that. */
export function readMark({ steady, now }: Clocks): Mark {
  return { steady: steady(), now: now() };
}

/** Milliseconds since a moment, by whichever clock says more; infinite since none, and since one that is to come. */
export function ageOf(mark: Mark | undefined, { steady, now }: Clocks): number {
  if (mark === undefined) return Number.POSITIVE_INFINITY;
  if (wasSetBack(mark, { steady, now })) return Number.POSITIVE_INFINITY;
  return Math.max(steady() - mark.steady, now() - mark.now);
}

/** Milliseconds by which a clock is corrected without anybody's minding. */
const SET_BACK = 1_000;

/** Whether the clock was set back since a moment: what had expired by then may be valid again. */
export function wasSetBack(mark: Mark | undefined, { steady, now }: Clocks): boolean {
  return mark !== undefined && now() - mark.now < steady() - mark.steady - SET_BACK;
}
