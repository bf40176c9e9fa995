import type { Configuration } from "../../config/schema.ts";
import type { Client } from "../../postgres/client.ts";
import { interrupted } from "./interruption.ts";
import type { Patience } from "./patience.ts";
import type { Watcher } from "./watcher.ts";

/**
 * What a person sees while a run goes on; each is one line of words. A `step` begins something; a `detail` says
 * how the step goes: what it waits for, how far a build has come.
 */
export type Progress = (line: string, kind: "step" | "detail") => void;

/** Counted over a whole run. */
export interface LockStatistics {
  /** How often a strong lock was asked for, each with all its stages. */
  attempts: number;
  /** The longest time a request of ours stood in the lock queue, in milliseconds. */
  longestWait: number;
  /** The longest time that anybody else was seen waiting behind us, in milliseconds. */
  longestBlocked: number;
  /** How often a statement of ours was cancelled because somebody waited behind it. */
  cancelled: number;
}

/** The statistics as a run begins. */
export function noStatistics(): LockStatistics {
  return { attempts: 0, longestWait: 0, longestBlocked: 0, cancelled: 0 };
}

/** What every part of a run works with. */
export interface RunContext {
  readonly client: Client;
  /** The server process of `client`. */
  readonly pid: number;
  readonly watcher: Watcher;
  readonly configuration: Configuration;
  readonly progress: Progress;
  readonly signal: AbortSignal | undefined;
  readonly locks: LockStatistics;
  /** How long to go on waiting for others. */
  readonly patience: Patience;
}

/** @throws MigrationError `interrupted` when the run was told to stop. */
export function throwIfInterrupted(context: Pick<RunContext, "signal">): void {
  if (context.signal?.aborted) throw interrupted();
}

/** Waits, or stops waiting when the run is told to stop; counts as waiting for others. */
export async function pause(context: RunContext, milliseconds: number): Promise<void> {
  throwIfInterrupted(context);
  await context.patience.during(
    () =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(done, milliseconds);
        function done() {
          clearTimeout(timer);
          context.signal?.removeEventListener("abort", done);
          resolve();
        }
        context.signal?.addEventListener("abort", done, { once: true });
      }),
  );
  throwIfInterrupted(context);
}
