import { status as readStatus, type Status } from "../../migration/status.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { ExitCode } from "../exit-codes.ts";
import { interruptible } from "../interruptible.ts";
import { plural, type Terminal, wrap } from "../terminal.ts";

/** Where the database stands, and how it came there. */
export async function status(context: CommandContext): Promise<CommandResult> {
  const found = await interruptible(readStatus(context), context.signal);
  return { exitCode: ExitCode.done, json: found, text: print(found, context.terminal) };
}

function print(found: Status, terminal: Terminal): string {
  const done = found.steps.filter((step) => step.state === "done").length;
  const state = {
    applied: "grafted",
    pending: done === 0 ? "not grafted" : "partly grafted",
    refused: "refused: see authgraft plan",
  };
  return [
    `${terminal.style("bold", found.table)}: ${state[found.state]}, ${done} of ${plural(found.steps.length, "step")} done`,
    ...stepLines(found, terminal),
    ...(found.archive === null
      ? []
      : ["", `An archive waits in the schema ${found.archive}: authgraft up --restore brings it back.`]),
    ...historyLines(found, terminal),
  ].join("\n");
}

function stepLines({ steps }: Status, terminal: Terminal): string[] {
  const column = Math.max(...steps.map(({ id }) => id.length)) + 2;
  return steps.map(({ id, title, state }) => {
    const mark = state === "done" ? terminal.style("green", "✓") : terminal.style("dim", "·");
    return `  ${mark} ${id.padEnd(column)}${wrap(title, terminal.width, " ".repeat(column + 4))}`;
  });
}

const RUNS_SHOWN = 10;

function historyLines({ history }: Status, terminal: Terminal): string[] {
  if (history.length === 0) return [];
  const lines = history.slice(0, RUNS_SHOWN).map((run) => {
    const detail = run.detail === null ? "" : ` (${run.detail})`;
    return `  ${inUtc(run.started_at)}  ${run.direction.padEnd(4)}  ${run.state}${detail}, ${plural(run.steps.length, "step")}, by ${run.run_by}`;
  });
  const more = history.length > RUNS_SHOWN ? [`  and ${history.length - RUNS_SHOWN} older ones`] : [];
  return ["", terminal.style("dim", "Runs, newest first:"), ...lines, ...more];
}

/** The database's own time zone is whatever the connection has; two people compare in UTC. */
function inUtc(timestamp: string): string {
  const date = new Date(timestamp);
  if (Number.isNaN(date.getTime())) return timestamp;
  return `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
