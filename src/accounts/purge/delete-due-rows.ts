import { setTimeout as wait } from "node:timers/promises";
import type { Pool } from "../../postgres/client.ts";
import { withTransaction } from "../../postgres/transaction.ts";
import { BATCH_ROWS, type DueRows, type PurgedBatch } from "./due-rows.ts";

/** How far a purge goes. */
export interface PurgeLimits {
  /** Milliseconds of PostgreSQL's work, pauses not counted, that no further batch is begun after. */
  readonly work: number;
  /** Aborted, no further batch is begun. */
  readonly signal: AbortSignal;
}

/**
 * A batch gives way to whoever has locked the table, and does not go on for ever. Where few rows are thought to be
 * due, the planner would rather read and sort all of them than the first thousand in the order of an index.
 *
 * @see https://www.postgresql.org/docs/current/runtime-config-query.html#GUC-ENABLE-SORT
 */
const SETTINGS = [
  "SET LOCAL lock_timeout TO '1s'",
  "SET LOCAL statement_timeout TO '30s'",
  "SET LOCAL enable_sort TO off",
  "SET LOCAL jit TO off",
].join("; ");

/** Milliseconds between two batches: as long as the batch took, so that half of the time is others', within this. */
const SHORTEST_PAUSE = 20;
const LONGEST_PAUSE = 1_000;

/** Deletes due rows, batch by batch, each in a transaction of its own; `onDeleted` is told how many after each. */
export async function deleteDueRows(
  pool: Pool,
  due: DueRows,
  { work, signal }: PurgeLimits,
  onDeleted: (rows: number) => void,
): Promise<void> {
  let reached: number | null = Number.NEGATIVE_INFINITY;
  let worked = 0;
  while (reached !== null && worked < work && !signal.aborted) {
    const started = performance.now();
    const batch: PurgedBatch = await deleteBatch(pool, due, reached);
    const took = performance.now() - started;
    onDeleted(batch.count);
    worked += took;
    reached = batch.count < BATCH_ROWS ? null : batch.reached;
    if (reached !== null) await pause(took, signal);
  }
}

async function deleteBatch(pool: Pool, { text }: DueRows, from: number): Promise<PurgedBatch> {
  return withTransaction(pool, async (client) => {
    await client.query(SETTINGS);
    const { rows } = await client.query<PurgedBatch>(text, [from]);
    return rows[0] ?? { count: 0, reached: null };
  });
}

async function pause(took: number, signal: AbortSignal): Promise<void> {
  const milliseconds = Math.min(LONGEST_PAUSE, Math.max(SHORTEST_PAUSE, took));
  await wait(milliseconds, undefined, { signal, ref: false }).catch(() => undefined);
}
