import { SqlState, sqlState } from "../../postgres/sqlstate.ts";
import type { Section } from "../step.ts";
import { findHolders } from "./holders.ts";
import { HolderMemory } from "./in-the-way.ts";
import { type Flush, type LockTiming, strongLockMessage, WAITED } from "./lock-message.ts";
import type { LockedTable } from "./lock-target.ts";
import { pause, type RunContext, throwIfInterrupted } from "./run-context.ts";
import { type LockRequest, lockTimeout, tellWait, waitUntilFree } from "./wait-until-free.ts";
import { watchBlocked } from "./watch-blocked.ts";

/** SQLSTATEs after which the same section can simply be tried again. */
const RETRIED: ReadonlySet<string> = new Set([
  SqlState.lockNotAvailable,
  SqlState.deadlockDetected,
  // By the watch, by the timeout under the lock, or by somebody who wants the table for a moment.
  SqlState.queryCanceled,
]);

/** Attempts that ask without ever queueing, and those that queue for half the budget only. */
const WITHOUT_QUEUEING = 1;
const WITH_SHORT_QUEUEING = 3;

/** The parts of the budget to queue for; what is left is for what is done under the lock. */
const [SHORT_PART, LONG_PART] = [0.5, 0.7];

/** Milliseconds of asking with NOWAIT: long at first, and a last look before queueing later. */
const [FIRST_ASKING, LATER_ASKING] = [500, 60];

/** How many times the budget one statement may run under the lock, even where nobody waits. */
const HOLDING = 20;

/** The longest gap between two attempts, in milliseconds. */
const LONGEST_GAP = 2_000;

/**
 * Runs a section under its strong lock: looks, asks in three stages while a second connection watches who
 * waits behind it, and backs off, as often as it takes.
 *
 * @throws MigrationError `lock_timeout` when the lock could not be had in the time allowed; nothing of the
 *   section was done then. `interrupted`.
 */
export async function runUnderStrongLock(
  context: RunContext,
  section: Section,
  target: LockedTable,
  flush: Flush,
): Promise<void> {
  const tables = [target.name, ...(section.alsoLocks ?? [])];
  const [memory, since] = [new HolderMemory(), performance.now()];
  const request: LockRequest = { target, tables, mode: section.lock, memory, since };
  for (let attempt = 1; ; attempt++) {
    await waitUntilFree(context, request);
    const timing = timingOf(context, attempt);
    const failure = await attemptMessage(
      context,
      strongLockMessage(tables, section.lock, section.statements, timing, flush),
      timing,
    );
    if (failure === null) return;
    await backOff(context, request, attempt, failure);
  }
}

function timingOf({ configuration, patience }: RunContext, attempt: number): LockTiming {
  const { budgetMilliseconds: budget } = configuration.lock;
  const left = Math.max(100, patience.left);
  const asking = attempt <= WITHOUT_QUEUEING ? FIRST_ASKING : LATER_ASKING;
  const part = attempt <= WITHOUT_QUEUEING ? 0 : attempt <= WITH_SHORT_QUEUEING ? SHORT_PART : LONG_PART;
  return {
    weak: Math.round(Math.min(5_000, left)),
    asking: Math.round(Math.min(asking, left / 2)),
    queueing: part === 0 ? 0 : Math.max(1, Math.round(budget * part)),
    holding: budget * HOLDING,
    budget,
  };
}

/** Null when it went through; the error when it may be tried again; any other error is thrown. */
async function attemptMessage(
  context: RunContext,
  message: string,
  timing: LockTiming,
): Promise<Error | null> {
  const { client, locks, watcher, configuration } = context;
  const stopWatching = await watchBlocked(watcher, context.pid, configuration.lock.budgetMilliseconds);
  locks.attempts++;
  const since = performance.now();
  const error: unknown = await client.query(message).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  const sighting = await stopWatching();
  locks.longestBlocked = Math.max(locks.longestBlocked, sighting.longestBlocked);
  if (error === null) {
    locks.longestWait = Math.max(locks.longestWait, await readWait(context));
    return null;
  }
  await client.query("ROLLBACK").catch(() => undefined);
  throwIfInterrupted(context);
  if (!(error instanceof Error) || !RETRIED.has(sqlState(error) ?? "")) throw error;
  context.patience.spend(performance.now() - since);
  locks.longestWait = Math.max(locks.longestWait, timing.queueing);
  if (sighting.cancelled) locks.cancelled++;
  return error;
}

async function readWait({ client }: RunContext): Promise<number> {
  const { rows } = await client.query<{ waited: string | null }>(
    `SELECT current_setting('${WAITED}', true) AS waited`,
  );
  return Number(rows[0]?.waited ?? 0);
}

/** Gaps of at least five times the wait, with jitter, so that the queue behind us drains in between. */
async function backOff(
  context: RunContext,
  { target, tables, mode }: LockRequest,
  attempt: number,
  failure: Error,
): Promise<void> {
  const holders = await findHolders(context.client, tables, mode);
  if (context.patience.isOver) throw lockTimeout(context, target, holders, failure);
  tellWait(context, target, holders);
  const gap = context.configuration.lock.budgetMilliseconds * (attempt <= WITHOUT_QUEUEING ? 0.5 : 3.75);
  await pause(context, Math.min(gap * (1 + Math.random()) * Math.min(attempt, 4), LONGEST_GAP));
}
