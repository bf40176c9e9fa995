import { SqlState, sqlState } from "../../postgres/sqlstate.ts";
import { pause, type RunContext, throwIfInterrupted } from "../run/run-context.ts";
import { lockTarget } from "../run/run-steps.ts";
import { lockTimeout } from "../run/wait-until-free.ts";
import { type WorkWatch, watchWork } from "../run/watch-work.ts";
import type { Situation } from "../situation.ts";
import { archiveStatements } from "./archive-sql.ts";

/** For how long a lock is waited for at a time, and the gap between two tries, in milliseconds. */
const [WAIT, GAP] = [5_000, 250];

/** SQLSTATEs after which the whole archive can simply be tried again. */
const RETRIED: ReadonlySet<string> = new Set([SqlState.lockNotAvailable, SqlState.deadlockDetected]);

/**
 * Makes the archive, in one transaction that blocks nobody's reads or writes, and tells which part it is at.
 *
 * @throws MigrationError `lock_timeout`, `interrupted`; nothing of the archive stands then.
 */
export async function makeArchive(context: RunContext, situation: Situation): Promise<void> {
  for (;;) {
    throwIfInterrupted(context);
    const watch = await watchWork(context);
    const failure = await attempt(context, situation, watch).finally(watch.stop);
    if (failure === null) return;
    if (context.patience.isOver) throw lockTimeout(context, lockTarget(situation), watch.blockers(), failure);
    await pause(context, GAP * (1 + Math.random()));
  }
}

/** Null when it went through; the error when it may be tried again; any other error is thrown. */
async function attempt(context: RunContext, situation: Situation, watch: WorkWatch): Promise<Error | null> {
  const { client, progress } = context;
  try {
    await client.query(`BEGIN; SET LOCAL lock_timeout = '${WAIT}ms'`);
    for (const { words, sql } of archiveStatements(situation)) {
      progress(words, "detail");
      const { rowCount } = await client.query(sql);
      if (sql.startsWith("CREATE TABLE"))
        progress(`${words}: ${(rowCount ?? 0).toLocaleString("en")} rows`, "detail");
    }
    await client.query("COMMIT");
    return null;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    const state = sqlState(error) ?? "";
    const late = state === SqlState.queryCanceled && watch.cancelled();
    if (error instanceof Error && (RETRIED.has(state) || late)) return error;
    throw error;
  }
}
