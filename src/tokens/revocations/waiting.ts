/** Milliseconds after which nobody is kept waiting: what they wait for comes about without them. */
const PATIENCE = 500;

/** Those who wait for a reading that is not older than their question. */
export interface Waiting {
  until(moment: number): Promise<void>;
  /** What was asked for at that moment has come. */
  reached(moment: number): void;
}

/** Keeps who waits, for half a second at the most. */
export function createWaiting(): Waiting {
  const all = new Map<() => void, number>();
  return {
    until: (moment) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => done(), PATIENCE);
        const done = () => {
          clearTimeout(timer);
          all.delete(done);
          resolve();
        };
        all.set(done, moment);
      }),
    reached(moment) {
      for (const [done, asked] of all) if (asked <= moment) done();
    },
  };
}
