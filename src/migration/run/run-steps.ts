import { MigrationError } from "../../errors.ts";
import { isConnectionFailure, SqlState, sqlState } from "../../postgres/sqlstate.ts";
import { closeStep, openStep } from "../journal.ts";
import { usersTable } from "../names.ts";
import type { Situation } from "../situation.ts";
import type { Section, Step } from "../step.ts";
import type { LockTarget } from "./lock-target.ts";
import type { RunContext } from "./run-context.ts";
import { runSection } from "./run-section.ts";

/** The users table as a target of locks. */
export function lockTarget(situation: Situation): LockTarget {
  return { name: usersTable(situation), oid: situation.users.oid };
}

/** What the journal needs to know of a step that runs. */
export interface JournalEntry {
  readonly run: string;
  readonly direction: "up" | "down";
}

/**
 * Runs the sections of one step, with a line in the journal where there is one to write to.
 *
 * @throws MigrationError `migration_failed` naming the step, PostgreSQL's own words, and what stands.
 */
export async function runStep(
  context: RunContext,
  situation: Situation,
  step: Step,
  sections: readonly Section[],
  entry: JournalEntry | null,
): Promise<void> {
  const { schema } = context.configuration;
  const id = entry === null ? null : await openStep(context.client, schema, { ...entry, step: step.id });
  const journalStands = entry?.direction === "up" || step.id !== "graft-schema";
  // The line in the journal that ends the step flushes what was committed before it.
  const flush = id !== null && journalStands ? "later" : "now";
  try {
    for (const section of sections) await runSection(context, section, lockTarget(situation), flush);
  } catch (error) {
    if (id !== null) await closeStep(context.client, schema, id, "failed").catch(() => undefined);
    throw stepError(step, situation, error);
  }
  if (id !== null && journalStands) await closeStep(context.client, schema, id, "done");
}

function stepError(step: Step, situation: Situation, error: unknown): unknown {
  if (error instanceof MigrationError || !(error instanceof Error) || isConnectionFailure(error))
    return error;
  // Somebody holds what a look or a line in the journal needs: that is said in other words.
  if (sqlState(error) === SqlState.lockNotAvailable) return error;
  return new MigrationError(
    "migration_failed",
    `The step ${step.id} (${step.title(situation)}) failed: ${error.message}${detailOf(error)}`,
    { fix: `Steps that were done before it stand. ${remedy(error)}`, cause: error },
  );
}

function remedy(error: Error): string {
  return sqlState(error) === SqlState.uniqueViolation
    ? "authgraft plan lists every value that several users hold: put them right, and run the same command again."
    : "Put right what PostgreSQL says and run the same command again.";
}

function detailOf(error: Error): string {
  return "detail" in error && typeof error.detail === "string" ? ` (${error.detail})` : "";
}
