/** Attempts of this process of which nobody has said yet what they came to, by the key that they are counted under. */
export interface UnderWay {
  begin(key: string): AttemptUnderWay;
}

/** One of them. */
export interface AttemptUnderWay {
  /** How many were under way at any one moment since this one began, at the most; itself counts. */
  atMost(): number;
  /** Doing it again changes nothing. */
  end(): void;
}

/** Milliseconds after which an attempt that nobody has said anything about is taken for over. */
const FORGOTTEN = 60_000;

/** Begins to keep account of them. */
export function createUnderWay(): UnderWay {
  const counts = new Map<string, { current: number; begun: number }>();
  return {
    begin(key) {
      const count = counts.get(key) ?? { current: 0, begun: 0 };
      counts.set(key, count);
      count.current += 1;
      count.begun += 1;
      const before = count.current - count.begun;
      const end = once(() => {
        clearTimeout(timer);
        count.current -= 1;
        if (count.current === 0) counts.delete(key);
      });
      const timer = setTimeout(end, FORGOTTEN);
      timer.unref();
      // Those that ended meanwhile may have been counted by then, and so may those that have begun since.
      return { atMost: () => before + count.begun, end };
    },
  };
}

function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    act();
  };
}
