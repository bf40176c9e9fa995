import { clock } from "./clock.ts";

/** What came of asking whether a token is good. `refused`: no, it is not; `unavailable`: nobody can tell just now. */
export type Outcome = "accepted" | "unavailable" | "refused" | "failed";

/** One question: moments by the clock that all processes share. */
export interface Asked {
  readonly sent: number;
  readonly settled: number;
  readonly outcome: Outcome;
}

/** Somebody who asks at fixed moments, whether earlier questions are answered or not. */
export interface Asking {
  /** Stops, and says what came of every question. */
  stop(): Promise<Asked[]>;
}

/** Asks every so many milliseconds. */
export function keepAsking(ask: () => Promise<Outcome>, every: number): Asking {
  const under: Promise<void>[] = [];
  const asked: Asked[] = [];
  const one = async () => {
    const sent = clock();
    const outcome = await ask();
    asked.push({ sent, settled: clock(), outcome });
  };
  const timer = setInterval(() => under.push(one()), every);
  return {
    async stop() {
      clearInterval(timer);
      await Promise.all(under);
      return asked;
    },
  };
}
