/** The middle one, or the mean of the two in the middle; 0 where there is none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? 0;
  return (lower + upper) / 2;
}

/** The largest; 0 where there is none. */
export function largest(values: readonly number[]): number {
  return Math.max(0, ...values);
}
