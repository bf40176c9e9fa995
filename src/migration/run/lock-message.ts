import { quoteLiteral } from "../../postgres/identifiers.ts";
import type { LockMode } from "../step.ts";

/**
 * Whether a change under a strong lock is on disk when its lock is given back, or by the run's next commit.
 *
 * @see https://www.postgresql.org/docs/current/wal-async-commit.html
 */
export type Flush = "now" | "later";

/** How long things may take while a strong lock is asked for and held, in milliseconds. */
export interface LockTiming {
  /** For how long the first, weak lock may be waited for; more than `deadlock_timeout`, so that autovacuum yields. */
  readonly weak: number;
  /** For how long to ask with NOWAIT. */
  readonly asking: number;
  /** For how long the strong lock may stand in the queue after that; 0: not at all. */
  readonly queueing: number;
  /** For how long any one statement may run under a lock that was had at once, whoever waits or not. */
  readonly holding: number;
  /** What is left of this after queueing, a statement may take under a lock that was queued for. */
  readonly budget: number;
}

/** The least that a statement under the lock is given, in milliseconds. */
const LEAST_HOLDING = 5;

/** The setting in which a run tells its client how long it stood in the queue, in milliseconds. */
export const WAITED = "authgraft.waited";

/**
 * A transaction under a strong lock as one message, so that a client that pauses cannot hold the lock.
 *
 * First SHARE UPDATE EXCLUSIVE, which blocks no read or write, keeps other DDL away and makes autovacuum
 * yield. Then the strong lock with NOWAIT, again and again: nobody queues behind a request that does not
 * wait. Last, where that never gets in, one request that waits for a part of the budget at the most.
 * `synchronous_commit` is never more than `local`, or a stuck synchronous standby would hold the lock for us, and
 * `off` where the run's next commit flushes this one too: a slow disk does not hold it either then. COMMIT is
 * the last statement: a cancel that comes late finds nothing to cancel.
 */
export function strongLockMessage(
  tables: readonly string[],
  mode: LockMode,
  statements: readonly string[],
  timing: LockTiming,
  flush: Flush,
): string {
  return [
    "BEGIN",
    `SET LOCAL synchronous_commit = '${flush === "later" ? "off" : "local"}'`,
    `SET LOCAL lock_timeout = '${timing.weak}ms'`,
    `LOCK TABLE ${tables.join(", ")} IN SHARE UPDATE EXCLUSIVE MODE`,
    `DO ${quoteLiteral(askForLock(tables, mode, timing))}`,
    `SET LOCAL lock_timeout = '${Math.max(1, timing.queueing)}ms'`,
    ...statements,
    "COMMIT",
  ].join(";\n");
}

/** PL/pgSQL, because the loop must run inside the one message. */
function askForLock(tables: readonly string[], mode: LockMode, timing: LockTiming): string {
  const lock = `LOCK TABLE ${tables.join(", ")} IN ${mode} MODE`;
  const last = timing.queueing === 0 ? `${lock} NOWAIT;` : queueForLock(lock, timing);
  return `
DECLARE
  asking_until timestamptz := clock_timestamp() + interval '${timing.asking} milliseconds';
  queued_at timestamptz;
  waited float8;
BEGIN
  PERFORM set_config('${WAITED}', '0', false);
  PERFORM set_config('statement_timeout', '${timing.holding}ms', true);
  LOOP
    BEGIN
      ${lock} NOWAIT;
      RETURN;
    EXCEPTION WHEN lock_not_available THEN NULL;
    END;
    EXIT WHEN clock_timestamp() >= asking_until;
    PERFORM pg_sleep(0.003 + random() * 0.007);
  END LOOP;
  ${last}
END`;
}

/** Whoever came behind the request has waited for as long as it has. */
function queueForLock(lock: string, { queueing, budget }: LockTiming): string {
  return `PERFORM set_config('lock_timeout', '${queueing}ms', true);
  queued_at := clock_timestamp();
  ${lock};
  waited := extract(epoch FROM clock_timestamp() - queued_at) * 1000;
  PERFORM set_config('${WAITED}', waited::text, false);
  PERFORM set_config('statement_timeout', ceil(greatest(${LEAST_HOLDING}, ${budget} - waited))::text || 'ms', true);`;
}

/** A transaction without a strong lock on the users table, as one message. */
export function plainMessage(statements: readonly string[], weak: number): string {
  return ["BEGIN", `SET LOCAL lock_timeout = '${weak}ms'`, ...statements, "COMMIT"].join(";\n");
}
