import { type Plan, statementsOf } from "../../migration/plan.ts";
import { inspect } from "../../migration/status.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import { interruptible } from "../interruptible.ts";
import { heading } from "../print/heading.ts";
import { printPlan } from "../print/plan.ts";

/** Prints the steps, each with its statements, its lock and its reason. Nothing is changed. */
export async function plan(context: CommandContext): Promise<CommandResult> {
  const { situation, plan: made } = await interruptible(inspect(context), context.signal);
  return {
    exitCode: made.state === "refused" ? ExitCode.refused : ExitCode.done,
    json: planToJson(made),
    text: `${heading(situation, context.terminal)}\n\n${printPlan(made, context.terminal, { sql: true })}`,
  };
}

/** A plan as `--json` prints it. */
function planToJson(made: Plan) {
  return {
    state: made.state,
    steps: made.steps.map((step) => ({
      id: step.id,
      title: step.title,
      reason: step.reason,
      state: step.state,
      up: statementsOf(step.up),
      down: statementsOf(step.down),
      lock: step.lock,
      transactional: step.transactional,
    })),
    refusals: made.refusals,
    warnings: made.warnings,
  };
}
