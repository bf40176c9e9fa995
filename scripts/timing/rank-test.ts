/**
 * The two-sided test of Mann, Whitney and Wilcoxon: how likely two samples of one and the same distribution are at
 * least as much apart in their ranks, by the normal approximation, corrected for ties. It needs some twenty values each.
 *
 * @see https://en.wikipedia.org/wiki/Mann%E2%80%93Whitney_U_test
 */
export function rankTest(one: readonly number[], other: readonly number[]): number {
  const all = [
    ...one.map((value) => ({ value, own: true })),
    ...other.map((value) => ({ value, own: false })),
  ];
  all.sort((a, b) => a.value - b.value);
  let [ranks, ties] = [0, 0];
  for (let from = 0; from < all.length; ) {
    let to = from + 1;
    while (to < all.length && all[to]?.value === all[from]?.value) to += 1;
    const count = to - from;
    const owned = all.slice(from, to).filter(({ own }) => own).length;
    ranks += owned * ((from + 1 + to) / 2);
    ties += count ** 3 - count;
    from = to;
  }
  const [n, m, total] = [one.length, other.length, all.length];
  const above = ranks - (n * (n + 1)) / 2;
  const deviation = Math.sqrt(((n * m) / 12) * (total + 1 - ties / (total * (total - 1))));
  return deviation === 0 ? 1 : complementaryError(Math.abs(above - (n * m) / 2) / deviation / Math.SQRT2);
}

/**
 * Holm's correction for the number of tests, in the order they were given: below the level, a difference is told
 * though so many were looked for.
 *
 * @see https://en.wikipedia.org/wiki/Holm%E2%80%93Bonferroni_method
 */
export function correct(probabilities: readonly number[]): number[] {
  const order = probabilities.map((p, place) => ({ p, place })).sort((a, b) => a.p - b.p);
  const corrected = new Array<number>(probabilities.length).fill(1);
  let least = 0;
  for (const [rank, { p, place }] of order.entries()) {
    least = Math.max(least, Math.min(1, p * (probabilities.length - rank)));
    corrected[place] = least;
  }
  return corrected;
}

/** erfc for x ≥ 0 by a continued fraction, and by its series where that converges slowly. */
function complementaryError(x: number): number {
  if (x < 2) return 1 - errorSeries(x);
  let fraction = 0;
  for (let term = 60; term > 0; term--) fraction = term / 2 / (x + fraction);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction);
}

function errorSeries(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 60; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
