import type { Client, QueryResult } from "../../postgres/client.ts";
import { SqlState, sqlState } from "../../postgres/sqlstate.ts";
import { describePids, describePrepared, type Holder } from "../run/holders.ts";
import type { LockTarget } from "../run/lock-target.ts";
import { withLockTimeout } from "../run/lock-timeout.ts";
import { pause, type RunContext, throwIfInterrupted } from "../run/run-context.ts";
import { lockTimeout, tellWait } from "../run/wait-until-free.ts";
import { BatchSize } from "./batch-size.ts";

/** What a batch answers: how many rows came back whole, and the key of the last that was looked at. */
interface Batch {
  readonly count: number;
  readonly last: string | null;
}

/** Rows that are moved in the order of their keys. */
export interface Move {
  /** The table that they go to. */
  readonly target: LockTarget;
  /** One statement, for so many rows after the key of the batch before, as text; null for the first. */
  readonly sql: (after: string | null, rows: number) => string;
  /** What the rows are, for a person. */
  readonly label: string;
}

/** SQLSTATEs after which a batch can be tried again; a user may be deleted between two looks at the same row. */
const RETRIED: ReadonlySet<string> = new Set([
  SqlState.lockNotAvailable,
  SqlState.deadlockDetected,
  SqlState.foreignKeyViolation,
]);

/** Milliseconds between two looks at whom a batch waits for: it does not wait for long. */
const LOOKING = 5;

/** The gap after a batch that had to wait, in parts of the lock budget: several times what it waited for. */
const GAP = 2.5;

/**
 * Moves rows batch by batch, each a transaction of one statement. A batch holds what it has moved already while it
 * waits for a row that somebody else holds, so it waits for half the lock budget and then lets go of everything.
 *
 * @returns how many rows came back.
 * @throws MigrationError `lock_timeout` when a row could not be had in the time allowed; `interrupted`. What was
 *   moved before stands, and the rest can be moved by the next run.
 */
export async function moveInBatches(context: RunContext, move: Move): Promise<number> {
  const { client } = context;
  const wait = Math.max(1, Math.floor(context.configuration.lock.budgetMilliseconds / 2));
  // A standby that does not answer would hold the rows for us.
  await client.query("SET synchronous_commit = 'local'");
  try {
    return await withLockTimeout(client, wait, () => moveAll(context, move));
  } finally {
    await client.query("RESET synchronous_commit").catch(() => undefined);
  }
}

async function moveAll(context: RunContext, move: Move): Promise<number> {
  const size = new BatchSize(context.configuration.lock.budgetMilliseconds);
  let [total, after]: [number, string | null] = [0, null];
  for (;;) {
    const batch: Batch = await moveOne(context, move, after, size);
    if (batch.last === null) return total;
    [total, after] = [total + batch.count, batch.last];
    context.progress(`${move.label}: ${total.toLocaleString("en")} are back`, "detail");
  }
}

/** Tries until it goes through. */
async function moveOne(
  context: RunContext,
  move: Move,
  after: string | null,
  size: BatchSize,
): Promise<Batch> {
  for (let attempt = 1; ; attempt++) {
    throwIfInterrupted(context);
    // Watching takes a look of its own; most batches wait for nobody.
    const watch = attempt === 1 ? null : await watchBlockers(context);
    const since = performance.now();
    const outcome = await tryOne(context, move.sql(after, size.rows));
    const elapsed = performance.now() - since;
    const holders = (await watch?.()) ?? [];
    if (!(outcome instanceof Error)) {
      size.succeeded(elapsed);
      return outcome;
    }
    size.blocked();
    context.patience.spend(elapsed);
    if (context.patience.isOver && attempt > 1) throw lockTimeout(context, move.target, holders, outcome);
    if (attempt > 1) tellWait(context, move.target, holders);
    await pause(context, context.configuration.lock.budgetMilliseconds * GAP * (1 + Math.random()));
  }
}

/** What it answers; the error when it may be tried again; any other error is thrown. */
async function tryOne({ client }: RunContext, sql: string): Promise<Batch | Error> {
  try {
    const { rows }: QueryResult<Batch> = await client.query<Batch>(sql);
    return rows[0] ?? { count: 0, last: null };
  } catch (error) {
    if (error instanceof Error && RETRIED.has(sqlState(error) ?? "")) return error;
    throw error;
  }
}

/** Remembers whom the run was last seen waiting for; the answer ends the watch. */
async function watchBlockers(context: RunContext): Promise<() => Promise<readonly Holder[]>> {
  let seen: readonly Holder[] = [];
  const look = async (client: Client) => {
    const { rows } = await client.query<{ pids: number[] }>("SELECT pg_blocking_pids($1::int) AS pids", [
      context.pid,
    ]);
    const pids = rows[0]?.pids ?? [];
    if (pids.length === 0) return;
    // A prepared transaction has no process: it is told as 0.
    const prepared = pids.includes(0) ? await describePrepared(client) : [];
    seen = [...prepared, ...(await describePids(client, pids))];
  };
  const stop = await context.watcher.watch(look, LOOKING);
  return async () => {
    await stop();
    return seen;
  };
}
