import { availableParallelism } from "node:os";
import { OverloadedError } from "../../errors.ts";
import { createDispatcher } from "./dispatcher.ts";
import { createFairQueue, type Lane, type QueueLimits } from "./fair-queue.ts";
import { abandoned, createJob, type HashingRequest, type Job } from "./job.ts";
import { type PoolObserver, type RefusalReason, SILENT_OBSERVER } from "./observer.ts";
import { createThreadSet } from "./thread-set.ts";
import type { AnswerTo, ThreadSettings, Work } from "./work.ts";

/** How the pool is laid out; everything has a default. */
export interface PoolOptions {
  /** How many threads hash; as many as there are cores unless given. */
  readonly threads?: number;
  readonly limits?: Partial<QueueLimits>;
  /** Milliseconds that somebody may wait for a thread; a person has long tried again after it. */
  readonly longestWait?: number;
  /** How far below the event loop's the threads' scheduling priority is, 0 to 19. Linux only. */
  readonly niceness?: number;
  readonly observer?: PoolObserver;
}

/** Where all hashing runs: threads of a lower priority, so that a storm of logins slows logins only. */
export interface HashingPool {
  /**
   * @throws OverloadedError `overloaded`: no room, or it has waited too long.
   * @throws SignInError `request_abandoned`: its signal was aborted while it waited.
   * @throws AuthgraftError `internal`: its thread came to grief, or none could be started.
   */
  run<Asked extends Work>(work: Asked, request?: HashingRequest): Promise<AnswerTo<Asked>>;
  /** How things stand. */
  state(): PoolState;
  /** Lets what runs finish, refuses what waits, and ends the threads. Doing it again changes nothing. */
  close(): Promise<void>;
}

/** How many threads there are, how many of them work, and how much waits for one. */
export interface PoolState {
  readonly threads: number;
  readonly running: number;
  readonly waiting: Readonly<Record<Lane, number>>;
}

/**
 * 256 waiting argon2 hashes are about three seconds' work of two cores. A quarter of it is an office behind
 * one address that signs in at nine o'clock; four is one person on every device at once, and eight times
 * that is what others may try on an account before its owner has to come again.
 */
const LIMITS: QueueLimits = { capacity: 256, perAddress: 64, perAccount: 32, perAccountAndAddress: 4 };

const LONGEST_WAIT = 5_000;

/** Where both want all of a core, the event loop gets nine tenths of it. */
const NICENESS = 10;

/** Makes the pool. Its threads are started as they are needed. */
export function createHashingPool(
  settings: Omit<ThreadSettings, "niceness">,
  options: PoolOptions = {},
): HashingPool {
  const { observer = SILENT_OBSERVER, longestWait = LONGEST_WAIT, niceness = NICENESS } = options;
  const most = options.threads ?? availableParallelism();
  const threads = createThreadSet(most, { ...settings, niceness });
  const queue = createFairQueue<Job>({ ...LIMITS, ...options.limits });
  const estimate = createEstimate(most);
  const onDone = (job: Job, waited: number, worked: number) => {
    observer.waited(job.lane, waited);
    observer.worked(job.work.kind, worked);
    estimate.learn(worked);
  };
  const { dispatch, running, settled } = createDispatcher({ threads, queue, onDone });
  let isClosed = false;

  const refuse = (job: Job, reason: RefusalReason) => {
    observer.refused(reason);
    job.reject(new OverloadedError(estimate.secondsFor(queue.size("interactive") + 1)));
  };
  const abandon = (job: Job) => {
    observer.abandoned();
    job.reject(abandoned());
  };
  const impatience = {
    longestWait,
    onTooLong: (job: Job) => void (queue.remove(job) && refuse(job, "waited")),
    onAbandoned: (job: Job) => void (queue.remove(job) && abandon(job)),
  };
  return {
    async run<Asked extends Work>(work: Asked, request: HashingRequest = {}): Promise<AnswerTo<Asked>> {
      const { job, answer } = createJob(work, request, impatience);
      const refusal = isClosed ? "closed" : queue.add(job);
      if (refusal !== null) refuse(job, refusal);
      else if (request.signal?.aborted === true) impatience.onAbandoned(job);
      else dispatch();
      // A thread answers the kind of work it was given.
      return (await answer) as AnswerTo<Asked>;
    },
    state: () => ({
      threads: threads.size(),
      running: running(),
      waiting: { interactive: queue.size("interactive"), background: queue.size("background") },
    }),
    async close() {
      isClosed = true;
      for (let job = queue.next(); job !== undefined; job = queue.next()) refuse(job, "closed");
      await settled();
      threads.stop();
    },
  };
}

/** How long work takes lately, for whoever is told to come back. */
function createEstimate(threads: number) {
  let usual = 25;
  return {
    learn(milliseconds: number): void {
      usual += (milliseconds - usual) / 16;
    },
    /** Whole seconds, 1 to 60. */
    secondsFor(jobs: number): number {
      return Math.ceil(Math.min(60, Math.max(1, (jobs * usual) / threads / 1_000)));
    },
  };
}
