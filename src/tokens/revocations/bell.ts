/** Something to wait by. */
export interface Bell {
  ring(): void;
  /** Waits until it rings, or has rung since the last wait, for so many milliseconds at the most. */
  wait(milliseconds: number): Promise<void>;
}

const NOBODY = () => undefined;

/** Makes a bell that whoever stops waiting for good rings too, by the signal. */
export function createBell(signal: AbortSignal): Bell {
  let hasRung = false;
  let wake: () => void = NOBODY;
  signal.addEventListener("abort", () => wake(), { once: true });
  return {
    ring() {
      hasRung = true;
      wake();
    },
    async wait(milliseconds) {
      if (!hasRung && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, milliseconds).unref();
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      wake = NOBODY;
      hasRung = false;
    },
  };
}
