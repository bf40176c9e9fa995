import { type HashingThread, startHashingThread } from "./hashing-thread.ts";
import type { ThreadSettings } from "./work.ts";

/** A bounded number of threads, started as they are needed. */
export interface ThreadSet {
  size(): number;
  /** One that is idle or new; undefined where all are at work. */
  take(): HashingThread | undefined;
  /** Back from work. One that came to grief is replaced by the next `take`. */
  giveBack(thread: HashingThread): void;
  /** Ends those that are idle. */
  stop(): Promise<void>;
}

/** Makes the set. */
export function createThreadSet(most: number, settings: ThreadSettings): ThreadSet {
  const idle: HashingThread[] = [];
  let started = 0;
  return {
    size: () => started,
    take() {
      const thread = idle.pop();
      if (thread !== undefined) return thread;
      if (started >= most) return undefined;
      started += 1;
      return startHashingThread(settings);
    },
    giveBack(thread) {
      if (thread.isBroken()) started -= 1;
      else idle.push(thread);
    },
    async stop() {
      const threads = idle.splice(0);
      started -= threads.length;
      await Promise.all(threads.map((thread) => thread.stop()));
    },
  };
}
