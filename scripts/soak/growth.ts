/** What a process took at a moment. */
export interface Sample {
  /** Seconds since the load began. */
  readonly at: number;
  /** Bytes. */
  readonly heap: number;
  readonly resident: number;
}

/** How a figure went over the time that counts. */
export interface Growth {
  /** Bytes an hour, by least squares over the lowest of each part of the time. */
  readonly perHour: number;
  /** The part of all pairs of moments of which the later is the larger, less the others: 1 for what only grows. */
  readonly steadiness: number;
  /** Bytes in the middle, and from the first to the last by the slope. */
  readonly typical: number;
  readonly grown: number;
  readonly isSteady: boolean;
}

/** The first part of the time does not count: code is compiled, caches and pools are filled. */
const SETTLING = 0.4;

/** The lowest of each part is what garbage collection leaves. */
const PARTS = 20;

/** What grows by more than that part of itself, this steadily, and is no rounding. */
const [TOO_MUCH, TOO_STEADY, TOO_LITTLE] = [0.05, 0.6, 2 ** 20];

/** Judges how a figure went. A run that was cut short has nothing to judge. */
export function growthOf(samples: readonly Sample[], figure: "heap" | "resident"): Growth {
  const end = samples.at(-1)?.at ?? 0;
  const counted = samples.filter(({ at }) => at >= end * SETTLING);
  const points = lowestOfParts(counted, figure);
  const slope = slopeOf(points);
  const grown = slope * ((points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0));
  const typical =
    points.map(({ value }) => value).toSorted((a, b) => a - b)[Math.floor(points.length / 2)] ?? 0;
  const steadiness = kendall(points.map(({ value }) => value));
  const isTooMuch = grown > Math.max(TOO_LITTLE, typical * TOO_MUCH);
  return {
    perHour: slope * 3_600,
    steadiness,
    typical,
    grown,
    isSteady: isTooMuch && steadiness > TOO_STEADY,
  };
}

interface Point {
  readonly at: number;
  readonly value: number;
}

function lowestOfParts(samples: readonly Sample[], figure: "heap" | "resident"): Point[] {
  const size = Math.max(1, Math.ceil(samples.length / PARTS));
  const parts = Array.from({ length: Math.ceil(samples.length / size) }, (_, i) =>
    samples.slice(i * size, (i + 1) * size).map((sample) => ({ at: sample.at, value: sample[figure] })),
  );
  return parts.flatMap((part) => part.toSorted((a, b) => a.value - b.value).slice(0, 1));
}

/** @see https://en.wikipedia.org/wiki/Simple_linear_regression */
function slopeOf(points: readonly Point[]): number {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const [x, y] = [mean(points.map(({ at }) => at)), mean(points.map(({ value }) => value))];
  const across = points.reduce((sum, { at }) => sum + (at - x) ** 2, 0);
  return across === 0 ? 0 : points.reduce((sum, { at, value }) => sum + (at - x) * (value - y), 0) / across;
}

/** @see https://en.wikipedia.org/wiki/Kendall_rank_correlation_coefficient */
function kendall(values: readonly number[]): number {
  const signs = values.flatMap((value, i) => values.slice(i + 1).map((later) => Math.sign(later - value)));
  return signs.reduce((sum, sign) => sum + sign, 0) / Math.max(1, signs.length);
}
