import { SqlState, sqlState } from "../../postgres/sqlstate.ts";
import type { Section } from "../step.ts";
import { buildConcurrently } from "./build-concurrently.ts";
import { type Flush, plainMessage } from "./lock-message.ts";
import type { LockedTable, LockTarget } from "./lock-target.ts";
import { pause, type RunContext, throwIfInterrupted } from "./run-context.ts";
import { runUnderStrongLock } from "./strong-section.ts";
import { lockTimeout } from "./wait-until-free.ts";
import { watchWork } from "./watch-work.ts";

/** SQLSTATEs after which the same section can simply be tried again. */
const RETRIED: ReadonlySet<string> = new Set([SqlState.lockNotAvailable, SqlState.deadlockDetected]);

/** The longest a weak lock is waited for at a time, and the gap between two tries, in milliseconds. */
const [WEAK_WAIT, GAP] = [5_000, 250];

/**
 * Runs one section, as often as it takes to get its lock.
 *
 * @throws MigrationError `lock_timeout` when the lock could not be had in the time allowed; nothing of the
 *   section was done then. `interrupted`.
 */
export async function runSection(
  context: RunContext,
  section: Section,
  users: LockTarget,
  flush: Flush = "now",
): Promise<void> {
  if (!section.transactional) return buildConcurrently(context, section, users);
  const strong = section.lock === "ACCESS EXCLUSIVE" || section.lock === "SHARE ROW EXCLUSIVE";
  const target = section.ownTable === undefined ? users : { name: section.ownTable };
  return strong ? runUnderStrongLock(context, section, target, flush) : runPlainly(context, section, target);
}

/** Nobody's reads or writes wait behind such a section; it may wait in the queue itself. */
async function runPlainly(context: RunContext, section: Section, target: LockedTable): Promise<void> {
  for (;;) {
    throwIfInterrupted(context);
    const watch = await watchWork(context);
    const failure = await attempt(context, plainMessage(section.statements, WEAK_WAIT)).finally(watch.stop);
    if (failure === null) return;
    if (context.patience.isOver) throw lockTimeout(context, target, watch.blockers(), failure);
    await pause(context, GAP * (1 + Math.random()));
  }
}

/** Null when it went through; the error when it may be tried again; any other error is thrown. */
async function attempt({ client, patience }: RunContext, message: string): Promise<Error | null> {
  try {
    await client.query(message);
    return null;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    const state = sqlState(error) ?? "";
    const late = state === SqlState.queryCanceled && patience.isOver;
    if (error instanceof Error && (RETRIED.has(state) || late)) return error;
    throw error;
  }
}
