import { SignInError } from "../errors.ts";

/** How much may run at once, and how much may wait. */
export interface Limits {
  readonly concurrency: number;
  readonly queue: number;
}

/** Runs jobs a few at a time, in the order they came. */
export interface Limiter {
  run<Result>(job: () => Promise<Result>): Promise<Result>;
}

/**
 * Makes a limiter.
 *
 * `run` throws SignInError `overloaded`, at once, when the queue is full: a person who waits longer than
 * that has long tried again.
 */
export function createLimiter({ concurrency, queue }: Limits): Limiter {
  const waiting: (() => void)[] = [];
  let running = 0;
  const release = () => {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  };
  return {
    async run(job) {
      if (running < concurrency) running += 1;
      else {
        if (waiting.length >= queue) {
          throw new SignInError("overloaded", "Too many people are signing in at once. Try again shortly.");
        }
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      try {
        return await job();
      } finally {
        release();
      }
    },
  };
}
