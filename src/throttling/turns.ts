/** Runs what is about one key one after the other, and what is about different keys side by side. */
export type Turns = <Result>(key: string, act: () => Promise<Result>) => Promise<Result>;

/**
 * Makes turns. Statements that change one row wait for each other in any case: here they do it without a connection
 * each, of which there are few, and others want them.
 */
export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return (key, act) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(act);
    const over = turn
      .catch(() => undefined)
      .then(() => {
        if (last.get(key) === over) last.delete(key);
      });
    last.set(key, over);
    return turn;
  };
}
