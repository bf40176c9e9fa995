import { inspect } from "../../migration/status.ts";
import { up as applyPlan, type UpResult } from "../../migration/up.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { confirm } from "../confirm.ts";
import { ExitCode } from "../exit-codes.ts";
import { printFindings } from "../print/findings.ts";
import { heading } from "../print/heading.ts";
import { printPlan } from "../print/plan.ts";
import { stepReporter } from "../print/progress.ts";
import type { Terminal } from "../terminal.ts";

/** What the command line adds. */
export interface UpFlags {
  readonly restore: boolean;
}

/** Shows the plan, asks, and applies it online. */
export async function up(context: CommandContext, { restore }: UpFlags): Promise<CommandResult> {
  const { situation, plan } = await inspect(context);
  const { terminal, json } = context;
  const pending = plan.state === "pending" || (restore && plan.state === "applied");
  if (!json)
    terminal.note(
      [heading(situation, terminal), "", printPlan(plan, terminal, { sql: false }), ""].join("\n"),
    );
  if (pending && !(await confirm(context, "up", "Apply this now?"))) return declined();
  const result = await applyPlan({ ...context, restore, onProgress: stepReporter(terminal, json) });
  return {
    exitCode: result.state === "refused" ? ExitCode.refused : ExitCode.done,
    json: result,
    text: print(result, terminal),
  };
}

function declined(): CommandResult {
  return { exitCode: ExitCode.done, json: { state: "pending", steps: [] }, text: "Nothing was changed." };
}

function print(result: UpResult, terminal: Terminal): string {
  if (result.state === "refused") {
    return [
      printFindings(result.refusals, terminal),
      "",
      terminal.style("red", "Refused; nothing was changed."),
    ].join("\n");
  }
  const { attempts, longest_wait_ms } = result.locks;
  const done =
    result.steps.length === 0 ? "Nothing to do: everything stands." : `Done: ${result.steps.length} steps.`;
  const locks =
    attempts === 0
      ? ""
      : ` Strong locks were asked for ${attempts} times; the longest wait in the queue was ${longest_wait_ms} ms.`;
  return [terminal.style("green", done) + locks, ...restoreLines(result, terminal)].join("\n");
}

function restoreLines({ restored }: UpResult, terminal: Terminal): string[] {
  if (restored === null) return [];
  const lines = [
    `Restored: ${restored.users} users${Object.entries(restored.rows)
      .map(([table, count]) => `, ${count} ${table.replaceAll("_", " ")}`)
      .join("")}.`,
  ];
  if (!restored.complete) {
    lines.push(
      terminal.style(
        "yellow",
        `${restored.users_left} users stay in the archive: they are gone, are others now, hold newer values, or their email is taken.`,
      ),
    );
  }
  return lines;
}
