import { AuthgraftError } from "../../errors.ts";
import { type HashingThread, startHashingThread } from "./hashing-thread.ts";
import { nameOf, parkThread, takeParkedThread } from "./parked-threads.ts";
import type { ThreadSettings } from "./work.ts";

/** A bounded number of threads, started as they are needed. */
export interface ThreadSet {
  size(): number;
  /**
   * One that is idle or new; undefined where all are at work.
   *
   * @throws AuthgraftError `internal` where the system lets not one be started.
   */
  take(): HashingThread | undefined;
  /** Back from work. One that came to grief is replaced by the next `take`. */
  giveBack(thread: HashingThread): void;
  /** Lets go of those that are idle: they end by themselves where nobody else wants them soon. */
  stop(): void;
}

/** Makes the set. */
export function createThreadSet(most: number, settings: ThreadSettings): ThreadSet {
  const name = nameOf(settings);
  const idle: HashingThread[] = [];
  let started = 0;
  return {
    size: () => started,
    take() {
      for (let thread = idle.pop(); thread !== undefined; thread = idle.pop()) {
        if (!thread.isBroken()) return thread;
        started -= 1;
      }
      if (started >= most) return undefined;
      const thread = takeParkedThread(name) ?? start(settings, started);
      if (thread !== undefined) started += 1;
      return thread;
    },
    giveBack(thread) {
      if (thread.isBroken()) started -= 1;
      else idle.push(thread);
    },
    stop() {
      const threads = idle.splice(0);
      started -= threads.length;
      for (const thread of threads) if (!thread.isBroken()) parkThread(name, thread);
    },
  };
}

/** Where threads are rationed (a container's limit of processes), those that there are do the work of all. */
function start(settings: ThreadSettings, others: number): HashingThread | undefined {
  try {
    return startHashingThread(settings);
  } catch (cause) {
    if (others > 0) return undefined;
    throw new AuthgraftError("internal", "No hashing thread could be started.", { cause });
  }
}
