/**
 * Starts to count milliseconds, by whichever of two clocks moves further: the wall clock (`now`) goes on
 * while the machine sleeps, the steady one cannot be set back. What is old is never taken for new.
 */
export function startStopwatch(now: () => number): () => number {
  const wall = now();
  const steady = performance.now();
  return () => Math.max(now() - wall, performance.now() - steady);
}
