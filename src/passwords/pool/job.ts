import { SignInError } from "../../errors.ts";
import type { Asker, Lane, Waiting } from "./fair-queue.ts";
import type { Answer, Work } from "./work.ts";

/** Who asks, how urgently, and until when. */
export interface HashingRequest extends Asker {
  /** `interactive` unless given. */
  readonly lane?: Lane;
  /** Aborted when the asker has gone: what has not begun by then is not done. */
  readonly signal?: AbortSignal | undefined;
}

/** Work that waits for a thread. */
export interface Job extends Waiting {
  readonly work: Work;
  /** When it came, by `performance.now()`. */
  readonly since: number;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** What a job does when it has waited too long, or its asker has gone. */
export interface Impatience {
  /** Milliseconds. In the background nobody waits in person, and work waits as long as it takes. */
  readonly longestWait: number;
  onTooLong(job: Job): void;
  onAbandoned(job: Job): void;
}

/** Makes a job, and the promise of its answer. */
export function createJob(
  work: Work,
  { address, account, lane = "interactive", signal }: HashingRequest,
  { longestWait, onTooLong, onAbandoned }: Impatience,
): { readonly job: Job; readonly answer: Promise<Answer> } {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const tooLong = () => onTooLong(job);
  const abandon = () => onAbandoned(job);
  const timer = lane === "interactive" ? setTimeout(tooLong, longestWait) : undefined;
  signal?.addEventListener("abort", abandon, { once: true });
  const settle = () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abandon);
  };
  const job: Job = {
    ...{ work, lane, asker: { address, account }, since: performance.now() },
    resolve: (answer) => {
      settle();
      resolve(answer);
    },
    reject: (error) => {
      settle();
      reject(error);
    },
  };
  return { job, answer: promise };
}

/** What an asker who has gone would be told. */
export function abandoned(): SignInError {
  return new SignInError("request_abandoned", "The request was given up before its turn came.");
}
