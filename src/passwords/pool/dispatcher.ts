import type { FairQueue } from "./fair-queue.ts";
import type { HashingThread } from "./hashing-thread.ts";
import type { Job } from "./job.ts";
import type { ThreadSet } from "./thread-set.ts";

/** Puts what waits on threads. */
export interface Dispatcher {
  /** Starts as much as there are threads for; called whenever something has come. */
  dispatch(): void;
  running(): number;
  /** Waits until what runs is done. */
  settled(): Promise<void>;
}

/** What the dispatcher works with; `onDone` is told how long a job waited and worked, in milliseconds. */
export interface DispatcherParts {
  readonly threads: ThreadSet;
  readonly queue: FairQueue<Job>;
  readonly onDone: (job: Job, waited: number, worked: number) => void;
}

/** Makes the dispatcher. */
export function createDispatcher({ threads, queue, onDone }: DispatcherParts): Dispatcher {
  const running = new Set<Promise<void>>();
  const perform = async (job: Job, thread: HashingThread): Promise<void> => {
    const start = performance.now();
    await thread.run(job.work).then(job.resolve, job.reject);
    onDone(job, start - job.since, performance.now() - start);
    threads.giveBack(thread);
  };
  const dispatch = () => {
    while (queue.size("interactive") + queue.size("background") > 0) {
      const thread = takeThread(threads, queue);
      if (thread === undefined) return;
      const job = queue.next();
      if (job === undefined) return threads.giveBack(thread);
      const work = perform(job, thread).finally(() => {
        running.delete(work);
        dispatch();
      });
      running.add(work);
    }
  };
  return {
    dispatch,
    running: () => running.size,
    async settled() {
      await Promise.all(running);
    },
  };
}

/** Where not one thread can be started, everybody who waits is told: nobody else will ever come for them. */
function takeThread(threads: ThreadSet, queue: FairQueue<Job>): HashingThread | undefined {
  try {
    return threads.take();
  } catch (error) {
    for (let job = queue.next(); job !== undefined; job = queue.next()) job.reject(error);
    return undefined;
  }
}
