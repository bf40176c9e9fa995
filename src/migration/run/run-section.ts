import { MigrationError } from "../../errors.ts";
import { SqlState, sqlState } from "../../postgres/sqlstate.ts";
import type { Section } from "../step.ts";
import { describeBlockers, findBlockers } from "./blockers.ts";
import { buildConcurrently } from "./build-concurrently.ts";
import { type LockTiming, plainMessage, strongLockMessage } from "./lock-message.ts";
import type { LockTarget } from "./lock-target.ts";
import { pause, type RunContext, throwIfInterrupted } from "./run-context.ts";

/** SQLSTATEs after which the same section can simply be tried again. */
const RETRIED: ReadonlySet<string> = new Set([SqlState.lockNotAvailable, SqlState.deadlockDetected]);

/**
 * Runs one section, as often as it takes to get its lock.
 *
 * @throws MigrationError `lock_timeout` when the lock could not be had before the deadline; nothing of the
 *   section was done then. `interrupted`.
 */
export async function runSection(context: RunContext, section: Section, target: LockTarget): Promise<void> {
  if (!section.transactional) return buildConcurrently(context, section, target);
  const message = messageFor(context, section, target);
  const strong = isStrong(section);
  for (let attempt = 1; ; attempt++) {
    throwIfInterrupted(context);
    if (strong) context.locks.attempts++;
    const failure = await attemptMessage(context, message, strong);
    if (failure === null) return;
    await backOff(context, target, attempt, failure);
  }
}

function isStrong(section: Section): boolean {
  return section.lock === "ACCESS EXCLUSIVE" || section.lock === "SHARE ROW EXCLUSIVE";
}

function messageFor(context: RunContext, section: Section, target: LockTarget): string {
  const timing = timingOf(context);
  if (!isStrong(section)) return plainMessage(section.statements, timing);
  const tables = [target.name, ...(section.alsoLocks ?? [])];
  return strongLockMessage(tables, section.lock, section.statements, timing);
}

function timingOf({ configuration, deadline }: RunContext): LockTiming {
  const left = Math.max(100, deadline - performance.now());
  return {
    weak: Math.round(Math.min(5_000, left)),
    asking: Math.round(Math.min(1_000, left / 2)),
    queueing: Math.max(1, Math.round(configuration.lock.budgetMilliseconds / 2)),
  };
}

/** Null when it went through; the error when it may be tried again; any other error is thrown. */
async function attemptMessage(context: RunContext, message: string, strong: boolean): Promise<Error | null> {
  const { client, locks, configuration } = context;
  try {
    const results: unknown = await client.query(message);
    if (strong) locks.longestWait = Math.max(locks.longestWait, waitedOf(results));
    return null;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    if (!(error instanceof Error) || !RETRIED.has(sqlState(error) ?? "")) throw error;
    if (strong) locks.longestWait = Math.max(locks.longestWait, configuration.lock.budgetMilliseconds / 2);
    return error;
  }
}

/** A message of several statements is answered by a list of results; the last one tells the wait. */
function waitedOf(results: unknown): number {
  const last = Array.isArray(results) ? (results.at(-1) as { rows: { waited: string | null }[] }) : null;
  return Number(last?.rows[0]?.waited ?? 0);
}

/** Gaps of at least five times the wait, with jitter, so that the queue behind us drains in between. */
async function backOff(
  context: RunContext,
  target: LockTarget,
  attempt: number,
  failure: Error,
): Promise<void> {
  const blockers = await findBlockers(context.client, target.oid);
  const words = describeBlockers(blockers);
  if (performance.now() >= context.deadline) throw lockTimeout(context, target, words, failure);
  context.progress(`waiting for a moment on ${target.name}: held by ${words}`);
  const gap = context.configuration.lock.budgetMilliseconds * 2.5;
  await pause(context, Math.min(gap * (1 + Math.random()) * Math.min(attempt, 4), 2_000));
}

function lockTimeout(
  { configuration }: RunContext,
  target: LockTarget,
  words: string,
  cause: Error,
): MigrationError {
  return new MigrationError(
    "lock_timeout",
    `The lock on ${target.name} could not be had within ${configuration.lock.deadlineSeconds} s: held by ${words}.`,
    {
      fix: "Nothing waits behind Authgraft now. Let those end (or end them), then run the same command again.",
      cause,
    },
  );
}
