import type { Client } from "../../postgres/client.ts";
import { qualify } from "../../postgres/identifiers.ts";
import { SqlState, sqlState } from "../../postgres/sqlstate.ts";
import type { Section } from "../step.ts";
import type { LockTarget } from "./lock-target.ts";
import { withLockTimeout } from "./lock-timeout.ts";
import { pause, type RunContext, throwIfInterrupted } from "./run-context.ts";
import { lockTimeout } from "./wait-until-free.ts";
import { watchWork } from "./watch-work.ts";

/** How often to look whether somebody's build is over, in milliseconds. */
const INTERVAL = 250;

/** How long to try to drop what a failed build left, in milliseconds; the next run drops it otherwise. */
const DROPPING = 1_000;

/**
 * Runs a statement that PostgreSQL takes outside a transaction only: a concurrent build or drop of an
 * index. It wants the opposite of a lock section: no timeout, because it waits for every transaction
 * anywhere in the database that is older than it, and is in nobody's way while it does.
 *
 * A build that fails leaves an invalid index that costs every write and enforces uniqueness already: it
 * is dropped before the error goes on. One that lost a deadlock is built again.
 *
 * @throws MigrationError `lock_timeout` when it waited for others past the run's patience; `interrupted`.
 * @see https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
 */
export async function buildConcurrently(
  context: RunContext,
  section: Section,
  target: LockTarget,
): Promise<void> {
  await waitForLivingBuild(context, target);
  for (const statement of section.statements) {
    for (;;) {
      throwIfInterrupted(context);
      const error = await attempt(context, statement, target);
      if (error === null) break;
      const clean = await cleanUp(context, section, target, error);
      if (!clean || sqlState(error) !== SqlState.deadlockDetected || context.patience.isOver) throw error;
      await pause(context, INTERVAL * (1 + Math.random()));
    }
  }
}

/** Whether the statement can be tried again. An index whose name was taken meanwhile is somebody else's. */
async function cleanUp(
  { client }: RunContext,
  { builds }: Section,
  target: LockTarget,
  error: unknown,
): Promise<boolean> {
  if (builds === undefined || sqlState(error) === SqlState.duplicateTable) return true;
  return dropInvalid(client, builds, target);
}

/** Null when it went through. */
async function attempt(context: RunContext, statement: string, target: LockTarget): Promise<unknown> {
  const watch = await watchWork(context);
  try {
    await withLockTimeout(context.client, 0, () => context.client.query(statement));
    return null;
  } catch (error) {
    return watch.cancelled() ? lockTimeout(context, target, watch.blockers(), error) : error;
  } finally {
    await watch.stop();
  }
}

/** A client that was killed leaves a server process that goes on building; its work is waited for, not doubled. */
async function waitForLivingBuild(context: RunContext, target: LockTarget): Promise<void> {
  for (;;) {
    const { rows } = await context.client.query<{ pid: number; phase: string }>(
      "SELECT pid, phase FROM pg_stat_progress_create_index WHERE relid = $1::oid AND datname = current_database() AND pid <> pg_backend_pid()",
      [target.oid],
    );
    const [build] = rows;
    if (build === undefined) return;
    context.progress(
      `waiting for an index build that is still going on (pid ${build.pid}, ${build.phase})`,
      "detail",
    );
    if (context.patience.isOver) throw lockTimeout(context, target, []);
    await pause(context, INTERVAL);
  }
}

/**
 * Whether nothing invalid is left. What holds up the build may hold up the drop too, and who said stop does
 * not want to wait for it.
 */
async function dropInvalid(
  client: Client,
  { schema, index }: { schema: string; index: string },
  table: LockTarget,
): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace s ON s.oid = c.relnamespace
     WHERE s.nspname = $1 AND c.relname = $2 AND i.indrelid = $3::oid AND NOT i.indisvalid`,
    [schema, index, table.oid],
  );
  if (rows.length === 0) return true;
  const drop = `DROP INDEX CONCURRENTLY IF EXISTS ${qualify(schema, index)}`;
  try {
    await withLockTimeout(client, DROPPING, () => client.query(drop));
    return true;
  } catch (error) {
    if (sqlState(error) !== SqlState.lockNotAvailable) throw error;
    return false;
  }
}
