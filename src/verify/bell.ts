/** What wakes somebody who waits. */
export interface Bell {
  ring(): void;
  /** Whatever rang until now is heard. */
  hear(): void;
  /** Resolves when it has rung and was not heard since, after so many milliseconds, or with the signal. */
  rung(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** Makes a bell. However often it rings, it wakes once; its timer keeps no process from ending. */
export function createBell(): Bell {
  let hasRung = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      hasRung = true;
      wake?.();
    },
    hear() {
      hasRung = false;
    },
    async rung(milliseconds, signal) {
      if (hasRung || signal.aborted || milliseconds <= 0) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, milliseconds).unref();
      const end = () => resolve();
      signal.addEventListener("abort", end);
      wake = resolve;
      await promise;
      wake = undefined;
      signal.removeEventListener("abort", end);
      clearTimeout(timer);
    },
  };
}
