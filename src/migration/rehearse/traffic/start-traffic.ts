import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { DatabaseError } from "../../../errors.ts";
import { connect } from "../../../postgres/connect.ts";
import type { TrafficOptions } from "./options.ts";
import { reportOf, type TrafficRecord, type TrafficReport } from "./report.ts";

/** Traffic that goes on. */
export interface Traffic {
  /**
   * Sends nothing new, waits until all that was due has been answered, and tells how it went. Any number of calls.
   *
   * @throws DatabaseError `database_error` when the thread itself came to grief.
   */
  stop(): Promise<TrafficReport>;
}

/**
 * Plays an application on a database, from a thread of its own. It has begun when the promise is kept.
 *
 * At a rate, latency is counted from when a statement was due and not from when a connection was free for it, so a
 * stall shows in everything that should have been sent during it. What PostgreSQL refuses meanwhile is counted, by
 * SQLSTATE, and nothing is thrown.
 *
 * @throws DatabaseError as a connection does; `database_error` when a statement cannot be run at all.
 */
export async function startTraffic(options: TrafficOptions): Promise<Traffic> {
  // Said here, a failed connection is an error of ours; out of the thread it would come as a copy.
  await (await connect(options.databaseUrl, { applicationName: "traffic" })).end();
  const worker = new Worker(workerUrl(), { workerData: options });
  const failure = new Promise<never>((_, reject) => {
    worker.once("error", (cause) => reject(failed(cause)));
  });
  // Nobody may be waiting just then; whoever stops the traffic is told.
  failure.catch(() => undefined);
  await Promise.race([once(worker, "message"), failure]);
  let report: Promise<TrafficReport> | undefined;
  return {
    stop: () => {
      report ??= Promise.race([stopWorker(worker, options), failure]);
      return report;
    },
  };
}

/** Beside this file, with the ending that this one has: `.ts` in a checkout, `.js` in the package. */
function workerUrl(): URL {
  return new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url);
}

async function stopWorker(worker: Worker, options: TrafficOptions): Promise<TrafficReport> {
  const answer = once(worker, "message");
  worker.postMessage("stop");
  // What the worker sends last is its record.
  const [record] = (await answer) as [TrafficRecord];
  await worker.terminate();
  return reportOf(record, options.statements);
}

function failed(cause: unknown): DatabaseError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DatabaseError("database_error", `The traffic cannot be played: ${reason}.`, {
    fix: "Check that each of its statements runs by itself on that database.",
    cause,
  });
}
