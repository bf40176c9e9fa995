import { Worker } from "node:worker_threads";
import { AuthgraftError } from "../../errors.ts";
import type { Answer, ThreadSettings, Work } from "./work.ts";

/** A thread that does one piece of work at a time. */
export interface HashingThread {
  /** @throws AuthgraftError `internal` when the thread came to grief; it is of no more use then. */
  run(work: Work): Promise<Answer>;
  isBroken(): boolean;
  stop(): Promise<void>;
}

interface Caller {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** Starts a thread. It keeps the process alive only while it works. */
export function startHashingThread(settings: ThreadSettings): HashingThread {
  const worker = new Worker(threadUrl(), { workerData: settings, name: "authgraft-hashing" });
  worker.unref();
  let caller: Caller | null = null;
  let broken: Error | null = null;
  const settle = (deliver: (to: Caller) => void) => {
    const waiting = caller;
    caller = null;
    worker.unref();
    if (waiting !== null) deliver(waiting);
  };
  const breakDown = (cause: unknown) => {
    broken ??= new AuthgraftError("internal", "A hashing thread came to grief.", { cause });
    settle(({ reject }) => reject(broken ?? new Error("a hashing thread ended")));
  };
  worker.on("message", (answer: Answer) => settle(({ resolve }) => resolve(answer)));
  worker.on("error", breakDown);
  worker.on("exit", (code) => breakDown(new Error(`it ended with ${code}`)));
  return {
    isBroken: () => broken !== null,
    run: (work) =>
      new Promise((resolve, reject) => {
        if (broken !== null) return reject(broken);
        caller = { resolve, reject };
        worker.ref();
        worker.postMessage(work);
      }),
    stop: async () => {
      await worker.terminate();
    },
  };
}

/** Beside this file, with the ending that this one has: `.ts` in a checkout, `.js` in the package. */
function threadUrl(): URL {
  return new URL(import.meta.url.endsWith(".ts") ? "./thread.ts" : "./thread.js", import.meta.url);
}
