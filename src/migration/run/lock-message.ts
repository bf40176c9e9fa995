import { quoteLiteral } from "../../postgres/identifiers.ts";
import type { LockMode } from "../step.ts";

/** How long things may take while a strong lock is asked for, in milliseconds. */
export interface LockTiming {
  /** For how long the first, weak lock may be waited for; more than `deadlock_timeout`, so that autovacuum yields. */
  readonly weak: number;
  /** For how long to ask with NOWAIT before queueing for a moment. */
  readonly asking: number;
  /** For how long the strong lock may stand in the queue: half the budget. */
  readonly queueing: number;
}

/** Settings in which a run tells its client what the wait was like. */
const WAITED = "authgraft.waited";

/**
 * A transaction under a strong lock as one message, so that a client that pauses cannot hold the lock.
 *
 * First SHARE UPDATE EXCLUSIVE, which blocks no read or write, keeps other DDL away and makes autovacuum
 * yield. Then the strong lock with NOWAIT, again and again: nobody queues behind a request that does not
 * wait. Last, where that never gets in, one request that waits for half the budget at the most.
 * `synchronous_commit = local`, or a stuck synchronous standby would hold the lock for us.
 */
export function strongLockMessage(
  tables: readonly string[],
  mode: LockMode,
  statements: readonly string[],
  timing: LockTiming,
): string {
  const [users] = tables;
  return [
    "BEGIN",
    "SET LOCAL synchronous_commit = 'local'",
    `SET LOCAL lock_timeout = '${timing.weak}ms'`,
    `LOCK TABLE ${users} IN SHARE UPDATE EXCLUSIVE MODE`,
    `DO ${quoteLiteral(askForLock(tables, mode, timing))}`,
    `SET LOCAL lock_timeout = '${timing.queueing}ms'`,
    ...statements,
    "COMMIT",
    `SELECT current_setting('${WAITED}', true) AS waited`,
  ].join(";\n");
}

/** PL/pgSQL, because the loop must run inside the one message. */
function askForLock(tables: readonly string[], mode: LockMode, timing: LockTiming): string {
  const lock = `LOCK TABLE ${tables.join(", ")} IN ${mode} MODE`;
  return `
DECLARE
  asking_until timestamptz := clock_timestamp() + interval '${timing.asking} milliseconds';
  queued_at timestamptz;
BEGIN
  PERFORM set_config('${WAITED}', '0', false);
  LOOP
    BEGIN
      ${lock} NOWAIT;
      RETURN;
    EXCEPTION WHEN lock_not_available THEN NULL;
    END;
    EXIT WHEN clock_timestamp() >= asking_until;
    PERFORM pg_sleep(0.005 + random() * 0.015);
  END LOOP;
  PERFORM set_config('lock_timeout', '${timing.queueing}ms', true);
  queued_at := clock_timestamp();
  ${lock};
  PERFORM set_config('${WAITED}', (extract(epoch FROM clock_timestamp() - queued_at) * 1000)::text, false);
END`;
}

/** A transaction without a strong lock on the users table, as one message. */
export function plainMessage(statements: readonly string[], timing: LockTiming): string {
  return ["BEGIN", `SET LOCAL lock_timeout = '${timing.weak}ms'`, ...statements, "COMMIT"].join(";\n");
}
