/** Where a value lies on the picture. */
export type Scale = (value: number) => number;

/** From a range of values to a range of pixels, evenly. */
export function linearScale([least, most]: Range, [start, end]: Range): Scale {
  const length = most - least || 1;
  return (value) => round(start + ((clamp(value, [least, most]) - least) / length) * (end - start));
}

/** The same, each tenfold taking the same room; the least value is above 0. */
export function logScale([least, most]: Range, pixels: Range): Scale {
  const linear = linearScale([Math.log10(least), Math.log10(most)], pixels);
  return (value) => linear(Math.log10(Math.max(value, least)));
}

/** The least and the most. */
export type Range = readonly [number, number];

/** Powers of ten that hold all these values between them, three at least. */
export function decadesAround(values: readonly number[]): Range {
  const positive = values.filter((value) => value > 0);
  const least = positive.reduce((one, other) => Math.min(one, other), 1);
  const most = positive.reduce((one, other) => Math.max(one, other), least);
  const from = Math.max(-2, Math.floor(Math.log10(least)));
  return [10 ** from, 10 ** Math.max(from + 3, Math.ceil(Math.log10(most)))];
}

/** The powers of ten of a range, both ends included. */
export function decadesOf([least, most]: Range): number[] {
  const [from, to] = [Math.round(Math.log10(least)), Math.round(Math.log10(most))];
  return Array.from({ length: to - from + 1 }, (_, index) => Number((10 ** (from + index)).toPrecision(1)));
}

const MOST_TICKS = 12;

/** Round times from 0 to the end, a dozen at most; in milliseconds. */
export function timeTicks(end: number): number[] {
  const steps = [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000, 3_600_000];
  const step = steps.find((one) => end / one <= MOST_TICKS) ?? end / MOST_TICKS;
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => index * step);
}

/** A tenth of a pixel is seen by nobody, and takes room in the file. */
export function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

function clamp(value: number, [least, most]: Range): number {
  return Math.min(most, Math.max(least, value));
}
