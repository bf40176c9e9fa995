import { MigrationError } from "../../errors.ts";
import { SqlState, sqlState } from "../../postgres/sqlstate.ts";
import { readFacts } from "../read-situation.ts";
import { Patience } from "../run/patience.ts";
import type { RunContext } from "../run/run-context.ts";
import { runSection } from "../run/run-section.ts";
import { lockTarget } from "../run/run-steps.ts";
import { disableFences, dropFences } from "../standing-fences.ts";

/** Milliseconds to try for the locks that taking a fence away needs, when the run itself is over. */
const FENCE_REMOVAL = 5_000;

/**
 * Also after an interruption, and past the run's own deadline: a fence is not left in force. Where a report
 * holds off the strong lock that dropping it takes, it stays disabled until the next run drops it.
 */
export async function removeFence(context: RunContext): Promise<void> {
  await tryToRemoveFence(context).catch((error: unknown) => {
    if (sqlState(error) !== SqlState.queryCanceled) throw error;
    // What cancelled the run may reach the server only now; it comes once.
    return tryToRemoveFence(context);
  });
}

async function tryToRemoveFence(context: RunContext): Promise<void> {
  const last = { ...context, signal: undefined, patience: new Patience(FENCE_REMOVAL) };
  const situation = await readFacts(last.client, last.configuration);
  for (const section of disableFences(situation)) await runSection(last, section, lockTarget(situation));
  for (const section of dropFences(situation)) {
    await runSection({ ...last, patience: new Patience(0) }, section, lockTarget(situation)).catch(
      (error: unknown) => {
        if (!(error instanceof MigrationError) || error.code !== "lock_timeout") throw error;
      },
    );
  }
}
