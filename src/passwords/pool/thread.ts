import { getPriority, setPriority } from "node:os";
import { parentPort, workerData } from "node:worker_threads";
import { createDoWork } from "./do-work.ts";
import { readProcessorTime } from "./processor-time.ts";
import type { ThreadSettings, Work } from "./work.ts";

/** A hashing thread: answers each piece of work with what came of it, one after the other. */
function main(): void {
  const settings = workerData as ThreadSettings;
  yieldToOthers(settings.niceness);
  const doWork = createDoWork(settings, readProcessorTime);
  parentPort?.on("message", (work: Work) => {
    parentPort?.postMessage(doWork(work));
    forget(work);
  });
}

/** As far down as it goes. */
const LOWEST = 19;

/**
 * Linux has a priority for each thread and gives the calling one this; elsewhere it would be the whole
 * process, the event loop included. One that may not be lowered runs as it is.
 *
 * @see https://man7.org/linux/man-pages/man2/setpriority.2.html (NOTES)
 */
function yieldToOthers(niceness: number): void {
  if (process.platform !== "linux" || niceness === 0) return;
  try {
    setPriority(0, Math.min(LOWEST, getPriority(0) + niceness));
  } catch {
    // A sandbox that forbids it costs latency under load, not correctness.
  }
}

/** Passwords stay in memory no longer than they are worked on. */
function forget(work: Work): void {
  if (work.kind === "hash") work.password.fill(0);
  if (work.kind === "verify") for (const candidate of work.candidates) candidate.fill(0);
}

main();
