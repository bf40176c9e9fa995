import type { Client } from "../../postgres/client.ts";
import { describeHolders } from "./describe-holders.ts";
import { describePids, describePrepared, type Holder } from "./holders.ts";
import type { RunContext } from "./run-context.ts";

/** Milliseconds between two looks. */
const INTERVAL = 100;

/** How the work stands, as `pg_stat_progress_create_index` and the lock table tell. */
interface WorkRow {
  readonly phase: string | null;
  readonly done: string | null;
  readonly total: string | null;
  /** Who it waits for, when it does; 0 is a prepared transaction. */
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

/** What is seen of work that may wait for others, being in nobody's way meanwhile. */
export interface WorkWatch {
  /** Whom it waited for when it was last seen waiting. */
  readonly blockers: () => readonly Holder[];
  /** Whether it was cancelled because the run's patience was over. */
  readonly cancelled: () => boolean;
  readonly stop: () => Promise<void>;
}

/**
 * Tells how far a concurrent build has come, and whom a statement waits for that has no short timeout of its own.
 * The time of those waits is counted; when the run's patience is over, the statement is cancelled from here.
 */
export async function watchWork(context: RunContext): Promise<WorkWatch> {
  const seen: { blockers: readonly Holder[]; cancelled: boolean } = { blockers: [], cancelled: false };
  let looked = performance.now();
  const look = async (client: Client) => {
    const { rows } = await client.query<WorkRow>(LOOK, [context.pid]);
    const [row] = rows;
    const [before, now] = [looked, performance.now()];
    looked = now;
    if (row === undefined) return;
    if (row.blockers.length === 0) return tellProgress(context, row);
    seen.blockers = await describe(client, row.blockers);
    context.patience.spend(now - before);
    context.progress(`waiting for ${waitWords(row.phase)}: ${describeHolders(seen.blockers)}`, "detail");
    if (!context.patience.isOver || seen.cancelled) return;
    seen.cancelled = true;
    await client.query("SELECT pg_cancel_backend($1::int)", [context.pid]);
  };
  const stop = await context.watcher.watch(look, INTERVAL);
  return { blockers: () => seen.blockers, cancelled: () => seen.cancelled, stop };
}

async function describe(client: Client, pids: readonly number[]): Promise<readonly Holder[]> {
  const known = await describePids(
    client,
    pids.filter((pid) => pid > 0),
  );
  return pids.includes(0) ? [...(await describePrepared(client)), ...known] : known;
}

function tellProgress({ progress }: RunContext, { phase, done, total }: WorkRow): void {
  if (phase === null || total === null) return;
  progress(`building the index: ${phase}, ${percent(done, total)} %`, "detail");
}

function percent(done: string | null, total: string): number {
  return Math.min(100, Math.floor((Number(done ?? 0) / Number(total)) * 100));
}

/** Why it waits: PostgreSQL says what kind of transaction a build waits for. */
function waitWords(phase: string | null): string {
  if (phase === null) return "those who hold what it needs";
  if (phase.includes("snapshots"))
    return "transactions that began before the index was built, anywhere in the database";
  return "transactions that hold the table";
}
