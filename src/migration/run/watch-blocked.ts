import type { Client } from "../../postgres/client.ts";
import type { Watcher } from "./watcher.ts";

/** What was seen while a strong lock was asked for and held. */
export interface Sighting {
  /** The longest time anybody was seen waiting behind the run, in milliseconds. */
  readonly longestBlocked: number;
  /** Whether the run's statement was cancelled for it. */
  readonly cancelled: boolean;
}

/** The part of the budget after which the run's own statement is cancelled: the rest is for the cancel to arrive. */
const CANCEL_AT = 0.9;

/** Milliseconds between two looks: a tenth of the budget, within reason. */
const [SOONEST, LATEST] = [2, 20];

/**
 * Who waits behind this process, and for how long; past the limit it is cancelled in the same statement, so
 * that nothing else is cancelled when the wait is over by then. A waiter behind a request that itself waits is
 * behind it too.
 *
 * @see https://www.postgresql.org/docs/current/functions-info.html `pg_blocking_pids`
 */
const LOOK = `
  WITH waiting AS MATERIALIZED (
    SELECT pid, extract(epoch FROM clock_timestamp() - waitstart) * 1000 AS waited FROM pg_locks
    WHERE NOT granted AND waitstart IS NOT NULL AND pid <> $1::int
  ), blocked AS MATERIALIZED (
    SELECT max(waited)::float8 AS longest FROM waiting WHERE $1::int = ANY(pg_blocking_pids(pid))
  )
  SELECT coalesce(longest, 0) AS longest, CASE WHEN longest >= $2::float8 THEN pg_cancel_backend($1::int) ELSE false END AS cancelled
  FROM blocked`;

/** Watches one message of the run; the answer stops the watch and tells what it saw. */
export async function watchBlocked(
  watcher: Watcher,
  pid: number,
  budget: number,
): Promise<() => Promise<Sighting>> {
  let sighting: Sighting = { longestBlocked: 0, cancelled: false };
  const look = async (client: Client) => {
    const { rows } = await client.query<{ longest: number; cancelled: boolean }>(LOOK, [
      pid,
      budget * CANCEL_AT,
    ]);
    const { longest = 0, cancelled = false } = rows[0] ?? {};
    sighting = {
      longestBlocked: Math.max(sighting.longestBlocked, longest),
      cancelled: sighting.cancelled || cancelled,
    };
  };
  const stop = await watcher.watch(look, Math.min(LATEST, Math.max(SOONEST, budget / 10)));
  return async () => {
    await stop();
    return sighting;
  };
}
