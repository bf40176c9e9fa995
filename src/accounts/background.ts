import { OverloadedError } from "../errors.ts";
import { describeError } from "./describe-error.ts";
import type { Logger } from "./logger.ts";

/** Work that goes on after its request was answered, so that the answer does not tell what there was to do. */
export interface Background {
  /**
   * Takes work on, in order of arrival, a few at once. What fails is logged.
   *
   * @throws OverloadedError `overloaded` where too much waits; nothing was taken on then.
   */
  run(work: () => Promise<void>): void;
  /** Waits until all of it is done. */
  settled(): Promise<void>;
}

/** How many work at once, and how many wait for their turn. Each that works has a connection of the pool. */
const LIMITS = { atOnce: 4, waiting: 1_000 };

/** Seconds after which a place may be free again. */
const RETRY_AFTER = 5;

/** Makes the background of a server. */
export function createBackground(logger: Logger, { atOnce, waiting } = LIMITS): Background {
  const queue: (() => Promise<void>)[] = [];
  const underWay = new Set<Promise<void>>();
  const next = () => {
    const work = underWay.size < atOnce ? queue.shift() : undefined;
    if (work === undefined) return;
    const done = carryOut(work, logger).finally(() => {
      underWay.delete(done);
      next();
    });
    underWay.add(done);
  };
  return {
    run(work) {
      if (queue.length >= waiting) throw new OverloadedError(RETRY_AFTER);
      queue.push(work);
      next();
    },
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}

async function carryOut(work: () => Promise<void>, logger: Logger): Promise<void> {
  // The answer goes out first.
  await new Promise((resolve) => setImmediate(resolve));
  try {
    await work();
  } catch (error) {
    logger.error({ error: describeError(error) }, "work after an answer failed");
  }
}
