import { status as readStatus, type Status } from "../../migration/status.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import type { Terminal } from "../terminal.ts";

/** Where the database stands, and how it came there. */
export async function status(context: CommandContext): Promise<CommandResult> {
  const found = await readStatus(context);
  return { exitCode: ExitCode.done, json: found, text: print(found, context.terminal) };
}

function print(found: Status, terminal: Terminal): string {
  const done = found.steps.filter((step) => step.state === "done").length;
  const steps = found.steps.map(
    (step) =>
      `  ${step.state === "done" ? terminal.style("green", "✓") : terminal.style("dim", "·")} ${step.id.padEnd(24)} ${step.title}`,
  );
  const state = {
    applied: "grafted",
    pending: done === 0 ? "not grafted" : "partly grafted",
    refused: "refused: see authgraft plan",
  };
  return [
    `${terminal.style("bold", found.table)}: ${state[found.state]}, ${done} of ${found.steps.length} steps done`,
    ...steps,
    ...(found.archive === null
      ? []
      : ["", `An archive waits in the schema ${found.archive}: authgraft up --restore brings it back.`]),
    ...historyLines(found, terminal),
  ].join("\n");
}

function historyLines({ history }: Status, terminal: Terminal): string[] {
  if (history.length === 0) return [];
  const lines = history.slice(0, 10).map((run) => {
    const detail = run.detail === null ? "" : ` (${run.detail})`;
    return `  ${run.started_at.slice(0, 19)}  ${run.direction.padEnd(4)}  ${run.state}${detail}, ${run.steps.length} steps, by ${run.run_by}`;
  });
  return ["", terminal.style("dim", "Runs, newest first:"), ...lines];
}
