/** Every statement that was sent: when it was due, in milliseconds from the beginning, how long it took, and which. */
export interface Samples {
  readonly at: Float64Array;
  readonly latency: Float64Array;
  readonly statement: Uint16Array;
}

/** How long statements took, in milliseconds. */
export interface LatencySummary {
  readonly count: number;
  readonly median: number;
  readonly p99: number;
  readonly p999: number;
  readonly slowest: number;
  /** How many took longer than 100 ms. */
  readonly over100: number;
}

/** One piece of the time line. */
export interface LatencyPoint {
  readonly at: number;
  readonly count: number;
  readonly median: number;
  readonly slowest: number;
}

const SLOW = 100;

/** Sums up latencies exactly: percentiles by nearest rank, nothing interpolated. All are 0 where there are none. */
export function summarise(latencies: Iterable<number>): LatencySummary {
  const sorted = Float64Array.from(latencies).sort();
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
  return {
    count: sorted.length,
    median: rank(0.5),
    p99: rank(0.99),
    p999: rank(0.999),
    slowest: rank(1),
    over100: sorted.filter((latency) => latency > SLOW).length,
  };
}

/** Sums up what was due between two moments, in milliseconds from the beginning. */
export function summariseBetween({ at, latency }: Samples, from: number, to: number): LatencySummary {
  return summarise(latency.filter((_, place) => isBetween(at[place], from, to)));
}

function isBetween(moment: number | undefined, from: number, to: number): boolean {
  return moment !== undefined && moment >= from && moment < to;
}

/** One point for every `width` milliseconds in which something was due. */
export function timelineOf({ at, latency }: Samples, width: number): LatencyPoint[] {
  const buckets = new Map<number, number[]>();
  for (const [place, moment] of at.entries()) {
    const bucket = Math.floor(moment / width);
    const held = buckets.get(bucket) ?? [];
    held.push(latency[place] ?? 0);
    buckets.set(bucket, held);
  }
  return [...buckets]
    .sort(([a], [b]) => a - b)
    .map(([bucket, latencies]) => {
      const { count, median, slowest } = summarise(latencies);
      return { at: bucket * width, count, median, slowest };
    });
}
