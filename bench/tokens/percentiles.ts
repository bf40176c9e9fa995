/** How some values are spread; zeros where there are none. */
export interface Spread {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly slowest: number;
}

/** Spreads out values of any unit. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  const sum = sorted.reduce((total, value) => total + value, 0);
  return {
    count: sorted.length,
    mean: sum / Math.max(1, sorted.length),
    p50: at(0.5),
    p99: at(0.99),
    p999: at(0.999),
    slowest: sorted.at(-1) ?? 0,
  };
}

/**
 * What somebody waits who comes at any moment, by the lengths of the intervals after which somebody is served: of
 * an interval twice as long twice as many have to wait, each for what is left of it.
 */
export function waitOf(intervals: readonly number[], share: number): number {
  const sorted = Float64Array.from(intervals).sort().reverse();
  const all = sorted.reduce((sum, interval) => sum + interval, 0);
  let sum = 0;
  for (const [index, interval] of sorted.entries()) {
    sum += interval;
    // Those who wait for longer than w came in the first index + 1 intervals: sum - (index + 1) * w of the time.
    const wait = (sum - (1 - share) * all) / (index + 1);
    if (wait >= (sorted[index + 1] ?? 0)) return Math.max(0, wait);
  }
  return 0;
}
