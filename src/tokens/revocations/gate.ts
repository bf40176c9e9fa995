/** Does work, now or when it is its turn. */
export type Gate = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Lets so many do their work at once; the others wait in the order in which they came. */
export function createGate(most: number): Gate {
  const waiting: (() => void)[] = [];
  let inside = 0;
  return async (work) => {
    if (inside < most) inside += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      // The place goes to who waits, so that nobody comes in between.
      const next = waiting.shift();
      if (next === undefined) inside -= 1;
      else next();
    }
  };
}
