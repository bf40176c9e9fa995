import type { Configuration } from "../../config/schema.ts";
import { MigrationError } from "../../errors.ts";
import type { Client } from "../../postgres/client.ts";

/** What a person sees while a run goes on; each is one line of words. */
export type Progress = (line: string) => void;

/** Counted over a whole run. */
export interface LockStatistics {
  /** How often a strong lock was asked for, each with all its stages. */
  attempts: number;
  /** The longest time a request of ours stood in the lock queue, in milliseconds. */
  longestWait: number;
}

/** What every part of a run works with. */
export interface RunContext {
  readonly client: Client;
  readonly configuration: Configuration;
  readonly progress: Progress;
  readonly signal: AbortSignal | undefined;
  readonly locks: LockStatistics;
  /** When to give up asking for locks, on the clock of `performance.now()`. */
  readonly deadline: number;
}

/** @throws MigrationError `interrupted` when the run was told to stop. */
export function throwIfInterrupted(context: RunContext): void {
  if (!context.signal?.aborted) return;
  throw new MigrationError("interrupted", "Interrupted; the steps that were done stand.", {
    fix: "It is safe to run the same command again.",
  });
}

/** Waits, or stops waiting when the run is told to stop. */
export async function pause(context: RunContext, milliseconds: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done() {
      clearTimeout(timer);
      context.signal?.removeEventListener("abort", done);
      resolve();
    }
    context.signal?.addEventListener("abort", done, { once: true });
  });
  throwIfInterrupted(context);
}
