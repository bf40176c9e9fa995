/** Two clocks: the one that never goes back, and the one that goes on while a machine sleeps. */
export interface Clocks {
  /** Milliseconds since some moment; never set, never going back. */
  readonly steady: () => number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** How old what is known is. */
export interface Freshness {
  /** Reads both clocks; to be called before a question is sent, as its answer is as old as that. */
  mark(): Mark;
  /** The answer to what was asked at that mark has come. */
  refreshed(mark: Mark): void;
  /** Whether what is known is at most as old as that, in milliseconds. */
  isWithin(milliseconds: number): boolean;
  /** Milliseconds; infinite before the first answer. */
  age(): number;
}

/** A moment, by both clocks. */
export interface Mark {
  readonly steady: number;
  readonly now: number;
}

/** Keeps the moment that what is known is of; by whichever of the two clocks it is older. */
export function createFreshness({ steady, now }: Clocks): Freshness {
  let [freshSteady, freshNow] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const age = () => Math.max(steady() - freshSteady, now() - freshNow);
  return {
    mark: () => ({ steady: steady(), now: now() }),
    refreshed(mark) {
      [freshSteady, freshNow] = [mark.steady, mark.now];
    },
    isWithin: (milliseconds) => age() <= milliseconds,
    age,
  };
}
