import { MigrationError } from "../../errors.ts";
import type { LockMode } from "../step.ts";
import { describeHolders } from "./describe-holders.ts";
import { findHolders, type Holder } from "./holders.ts";
import { type HolderMemory, standsInTheWay } from "./in-the-way.ts";
import type { LockedTable } from "./lock-target.ts";
import { pause, type RunContext, throwIfInterrupted } from "./run-context.ts";

/** Milliseconds between two looks. */
const INTERVAL = 100;

/** What is to be locked, and how. */
export interface LockRequest {
  readonly target: LockedTable;
  /** The target and what is locked with it, as SQL names them. */
  readonly tables: readonly string[];
  readonly mode: LockMode;
  /** Who was seen at earlier looks for this lock. */
  readonly memory: HolderMemory;
  /** When it was first looked for, on the clock of `performance.now()`. */
  readonly since: number;
}

/**
 * Looks before the lock is asked for: while somebody holds one of the tables for long, nothing is asked, so
 * nobody has to wait behind a request that could not be met.
 *
 * @throws MigrationError `lock_timeout` when the run's patience is over; `interrupted`.
 */
export async function waitUntilFree(context: RunContext, request: LockRequest): Promise<void> {
  for (let waited = false; ; waited = true) {
    throwIfInterrupted(context);
    const holders = await findHolders(context.client, request.tables, request.mode);
    const now = performance.now();
    const waitedSeconds = (now - request.since) / 1_000;
    const standing = request.memory
      .age(holders, now)
      .filter((holder) => standsInTheWay(holder, waitedSeconds));
    if (standing.length === 0) {
      if (waited) context.progress(`asking for the lock on ${request.target.name}`, "detail");
      return;
    }
    tellWait(context, request.target, standing);
    if (context.patience.isOver) throw lockTimeout(context, request.target, standing);
    await pause(context, INTERVAL);
  }
}

/** Says what the run waits for; the printer decides how often a person is told. */
export function tellWait({ progress }: RunContext, target: LockedTable, holders: readonly Holder[]): void {
  progress(`waiting for a moment on ${target.name}: held by ${describeHolders(holders)}`, "detail");
}

/** The error of a lock that could not be had in the time allowed, with who holds it. */
export function lockTimeout(
  { configuration }: RunContext,
  target: LockedTable,
  holders: readonly Holder[],
  cause?: unknown,
): MigrationError {
  return new MigrationError(
    "lock_timeout",
    `The lock on ${target.name} could not be had within ${configuration.lock.deadlineSeconds} s: held by ${describeHolders(holders)}.`,
    {
      fix: "Nothing waits behind Authgraft now. Let those end (or end them), then run the same command again.",
      cause,
    },
  );
}
