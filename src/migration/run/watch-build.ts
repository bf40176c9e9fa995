import type { Client } from "../../postgres/client.ts";
import { describeHolders } from "./describe-holders.ts";
import { describePids, type Holder } from "./holders.ts";
import type { RunContext } from "./run-context.ts";

/** Milliseconds between two looks at a build. */
const INTERVAL = 100;

/** How a build stands, as `pg_stat_progress_create_index` and the lock table tell. */
interface BuildRow {
  readonly phase: string | null;
  readonly done: string | null;
  readonly total: string | null;
  /** Who it waits for, when it does. */
  readonly blockers: number[];
}

/** @see https://www.postgresql.org/docs/current/progress-reporting.html#CREATE-INDEX-PROGRESS-REPORTING */
const LOOK = `
  SELECT p.phase,
    CASE WHEN p.blocks_total > 0 THEN p.blocks_done WHEN p.tuples_total > 0 THEN p.tuples_done END::text AS done,
    CASE WHEN p.blocks_total > 0 THEN p.blocks_total WHEN p.tuples_total > 0 THEN p.tuples_total END::text AS total,
    CASE WHEN a.wait_event_type = 'Lock' THEN pg_blocking_pids(a.pid) ELSE '{}' END AS blockers
  FROM pg_stat_activity a LEFT JOIN pg_stat_progress_create_index p ON p.pid = a.pid
  WHERE a.pid = $1::int AND a.state = 'active'`;

/** What a build waited for when the run's patience was over, so that it was cancelled; null when it was not. */
export interface BuildWatch {
  readonly blockers: () => readonly Holder[] | null;
  readonly stop: () => Promise<void>;
}

/**
 * Tells how far a concurrent build or drop has come, and whom it waits for. It waits without a timeout of its
 * own, because it is in nobody's way meanwhile; when the run's patience is over it is cancelled from here.
 */
export async function watchBuild(context: RunContext): Promise<BuildWatch> {
  let cancelledFor: readonly Holder[] | null = null;
  let looked = performance.now();
  const look = async (client: Client) => {
    const { rows } = await client.query<BuildRow>(LOOK, [context.pid]);
    const [row] = rows;
    const [before, now] = [looked, performance.now()];
    looked = now;
    if (row === undefined) return;
    if (row.blockers.length === 0) return tellProgress(context, row);
    const holders = await describePids(
      client,
      row.blockers.filter((pid) => pid > 0),
    );
    context.patience.spend(now - before);
    context.progress(`waiting for ${waitWords(row.phase)}: ${describeHolders(holders)}`, "detail");
    if (!context.patience.isOver || cancelledFor !== null) return;
    cancelledFor = holders;
    await client.query("SELECT pg_cancel_backend($1::int)", [context.pid]);
  };
  return { blockers: () => cancelledFor, stop: await context.watcher.watch(look, INTERVAL) };
}

function tellProgress({ progress }: RunContext, { phase, done, total }: BuildRow): void {
  if (phase === null || total === null) return;
  progress(`building the index: ${phase}, ${percent(done, total)} %`, "detail");
}

function percent(done: string | null, total: string): number {
  return Math.min(100, Math.floor((Number(done ?? 0) / Number(total)) * 100));
}

/** Why a build waits: PostgreSQL says what kind of transaction it waits for. */
function waitWords(phase: string | null): string {
  if (phase?.includes("snapshots"))
    return "transactions that began before the index was built, anywhere in the database";
  return "transactions that hold the table";
}
