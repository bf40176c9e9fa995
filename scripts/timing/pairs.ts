import { correct, rankTest } from "./rank-test.ts";

/** What was timed under one name, in milliseconds. */
export interface Sample {
  readonly name: string;
  readonly taken: readonly number[];
}

/** How likely two samples are of one distribution, corrected for the number of pairs. */
export interface Pair {
  readonly one: string;
  readonly other: string;
  readonly probability: number;
}

/** What counts as told apart. */
export const LEVEL = 0.05;

/** Every pair of samples, the most different first. */
export function comparePairs(samples: readonly Sample[]): Pair[] {
  const pairs = pairsOf(samples);
  const corrected = correct(pairs.map(([one, other]) => rankTest(one.taken, other.taken)));
  return pairs
    .map(([one, other], place) => ({ one: one.name, other: other.name, probability: corrected[place] ?? 1 }))
    .sort((a, b) => a.probability - b.probability);
}

/**
 * How many milliseconds of difference would have been told: the median, over the pairs, of the least that is to be
 * added to all of one's values for the two to be told apart with the whole number of pairs in mind.
 */
export function sensitivity(samples: readonly Sample[]): number {
  const pairs = pairsOf(samples);
  const least = pairs.map(([one, other]) => {
    const isTold = (shift: number) =>
      rankTest(
        one.taken.map((value) => value + shift - middle(one.taken) + middle(other.taken)),
        other.taken,
      ) *
        pairs.length <
      LEVEL;
    let [low, high] = [0, 100];
    for (let step = 0; step < 20; step++) {
      const half = (low + high) / 2;
      if (isTold(half)) high = half;
      else low = half;
    }
    return high;
  });
  return middle(least);
}

/** The value in the middle. */
export function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

function pairsOf(samples: readonly Sample[]): (readonly [Sample, Sample])[] {
  return samples.flatMap((one, place) => samples.slice(place + 1).map((other) => [one, other] as const));
}
