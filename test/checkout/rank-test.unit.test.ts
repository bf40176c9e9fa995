import { describe, expect, it } from "vitest";
import { comparePairs, LEVEL, sensitivity } from "../../scripts/timing/pairs.ts";
import { correct, rankTest } from "../../scripts/timing/rank-test.ts";

/** Values spread evenly from `from` on, one apart. */
const spread = (from: number, count = 200) => Array.from({ length: count }, (_, place) => from + place);

describe("the rank test", () => {
  it("finds one sample and itself alike", () => {
    expect(rankTest(spread(0), spread(0))).toBe(1);
    expect(rankTest([5, 5, 5], [5, 5, 5])).toBe(1);
  });

  it("gives what the normal approximation gives by hand", () => {
    // U = 25 of 100, so z = (25 - 50) / sqrt(100 / 12 * 21) = -1.88982, two-sided 0.05878.
    const one = [1, 2, 3, 4, 5, 11, 12, 13, 14, 15];
    const other = [6, 7, 8, 9, 10, 16, 17, 18, 19, 20];
    expect(rankTest(one, other)).toBeCloseTo(0.05878, 4);
    expect(rankTest(other, one)).toBeCloseTo(0.05878, 4);
  });

  it("counts ties as halves", () => {
    // Ranks 2, 2, 4.5 and 2, 4.5, 6: U = 2.5, the variance 9 / 12 * (7 - 30 / 30) = 4.5, z = -0.94281.
    expect(rankTest([1, 1, 2], [1, 2, 3])).toBeCloseTo(0.34578, 4);
  });

  it("tells clearly different samples apart far below any level, and never says 0 for what is merely unlikely", () => {
    const probability = rankTest(spread(0), spread(100));
    expect(probability).toBeLessThan(1e-20);
    expect(probability).toBeGreaterThan(0);
  });
});

describe("the correction for many pairs", () => {
  it("is Holm's, in the order of the tests", () => {
    expect(correct([0.04, 0.01, 0.03])).toEqual([0.06, 0.03, 0.06]);
  });

  it("never goes above 1", () => {
    expect(correct([0.9, 0.8])).toEqual([1, 1]);
  });
});

describe("the pairs", () => {
  it("names the one sample that is different, and no other", () => {
    const samples = [
      { name: "ada", taken: spread(0) },
      { name: "grace", taken: spread(1) },
      { name: "late", taken: spread(60) },
    ];
    const told = comparePairs(samples).filter(({ probability }) => probability < LEVEL);
    expect(told.map(({ one, other }) => `${one} ${other}`).sort()).toEqual(["ada late", "grace late"]);
  });

  it("says how small a difference would have been told", () => {
    const samples = [
      { name: "ada", taken: spread(0) },
      { name: "grace", taken: spread(0) },
    ];
    const least = sensitivity(samples);
    const shifted = (by: number) => [samples[0], { name: "grace", taken: spread(by) }] as typeof samples;
    expect(comparePairs(shifted(least + 1))[0]?.probability).toBeLessThan(LEVEL);
    expect(comparePairs(shifted(least - 1))[0]?.probability).toBeGreaterThanOrEqual(LEVEL);
  });
});
