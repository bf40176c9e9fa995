import { viewPlan } from "../../migration/plan-view.ts";
import { inspect } from "../../migration/status.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { countPasswordHashes, hashesToJson } from "../count-password-hashes.ts";
import { ExitCode } from "../exit-codes.ts";
import { interruptible } from "../interruptible.ts";
import { heading } from "../print/heading.ts";
import { printUnverifiable } from "../print/password-hashes.ts";
import { printPlan } from "../print/plan.ts";

/** A plan is asked for often; `inspect` reads every user's. */
const SAMPLE = 100_000;

/** Prints the steps, each with its statements, its lock and its reason. Nothing is changed. */
export async function plan(context: CommandContext): Promise<CommandResult> {
  const { situation, plan: made } = await interruptible(inspect(context), context.signal);
  const hashes = await interruptible(countPasswordHashes(context, situation, SAMPLE), context.signal);
  const unverifiable = hashes === null ? "" : printUnverifiable(hashes, context.terminal);
  return {
    exitCode: made.state === "refused" ? ExitCode.refused : ExitCode.done,
    json: { ...viewPlan(made), password_hashes: hashes === null ? null : hashesToJson(hashes) },
    text: [
      heading(situation, context.terminal),
      printPlan(made, context.terminal, { sql: true }),
      ...(unverifiable === "" ? [] : [unverifiable]),
    ].join("\n\n"),
  };
}
