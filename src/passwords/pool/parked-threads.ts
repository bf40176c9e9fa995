import type { HashingThread } from "./hashing-thread.ts";
import type { ThreadSettings } from "./work.ts";

/**
 * Milliseconds that a thread waits for another pool of the same settings after its own was closed. An
 * application that reloads itself opens the next one at once, and a thread takes longer to start than to hash.
 */
const PATIENCE = 2_000;

interface Parked {
  readonly thread: HashingThread;
  readonly timer: NodeJS.Timeout;
}

/** What a thread is known by: everything that it was started with. */
export function nameOf(settings: ThreadSettings): string {
  return JSON.stringify(settings);
}

/** By their names. */
const parked = new Map<string, Parked[]>();

/** Keeps a thread for a while. Neither it nor the waiting keeps the process alive. */
export function parkThread(name: string, thread: HashingThread): void {
  const timer = setTimeout(() => {
    remove(name, thread);
    void thread.stop();
  }, PATIENCE);
  timer.unref();
  parked.set(name, [...(parked.get(name) ?? []), { thread, timer }]);
}

/** A thread of this name that waits, if there is one that still can work. */
export function takeParkedThread(name: string): HashingThread | undefined {
  for (const { thread, timer } of parked.get(name) ?? []) {
    clearTimeout(timer);
    remove(name, thread);
    if (!thread.isBroken()) return thread;
  }
  return undefined;
}

function remove(name: string, thread: HashingThread): void {
  const others = (parked.get(name) ?? []).filter((one) => one.thread !== thread);
  if (others.length === 0) parked.delete(name);
  else parked.set(name, others);
}
