import type { Plan } from "../../migration/plan.ts";
import { assertRehearsed, type RequiredRehearsal } from "../../migration/rehearse/require-rehearsal.ts";
import type { Situation } from "../../migration/situation.ts";
import { inspect } from "../../migration/status.ts";
import { up as applyPlan, type UpResult } from "../../migration/up.ts";
import type { CommandContext, CommandResult } from "../command.ts";
import { confirm } from "../confirm.ts";
import { ExitCode } from "../exit-codes.ts";
import { interruptible } from "../interruptible.ts";
import { printFindings } from "../print/findings.ts";
import { heading } from "../print/heading.ts";
import { printPlan } from "../print/plan.ts";
import { reportingSteps } from "../print/progress.ts";
import { printRefused } from "../print/refused.ts";
import { type RequireFlags, readRequired } from "../rehearse/required.ts";
import { plural, type Terminal, wrap } from "../terminal.ts";

/** What the command line adds. */
export interface UpFlags extends RequireFlags {
  readonly restore: boolean;
}

/** Shows the plan, asks where nobody has said yes already, and applies it online. */
export async function up(context: CommandContext, flags: UpFlags): Promise<CommandResult> {
  const { restore } = flags;
  const requireRehearsal = await readRequired(flags);
  if (!context.yes && !(await isConfirmed(context, restore, requireRehearsal))) return declined();
  const { terminal, json } = context;
  const required = requireRehearsal === undefined ? {} : { requireRehearsal };
  // Who is not asked is shown the plan that is carried out: a large table is not looked through twice.
  const shown = context.yes
    ? { onPlan: (plan: Plan, situation: Situation) => show(context, plan, situation) }
    : {};
  const result = await reportingSteps(terminal, json, (onProgress) =>
    applyPlan({ ...context, ...required, ...shown, restore, onProgress }),
  );
  return {
    exitCode: result.state === "refused" ? ExitCode.refused : ExitCode.done,
    json: result,
    text: print(result, terminal),
  };
}

/** Nobody is asked about a change that would be refused; `up` looks again at what it finds then. */
async function isConfirmed(
  context: CommandContext,
  restore: boolean,
  requireRehearsal: RequiredRehearsal | undefined,
): Promise<boolean> {
  const { situation, plan } = await interruptible(inspect(context), context.signal);
  if (requireRehearsal !== undefined && plan.state === "pending")
    assertRehearsed(situation, requireRehearsal);
  show(context, plan, situation);
  const changes = plan.state === "pending" || (restore && plan.state === "applied");
  return !changes || confirm(context, "up", "Apply this now?");
}

function show({ terminal, json }: CommandContext, plan: Plan, situation: Situation): void {
  if (plan.state !== "pending" || json) return;
  const text = printPlan(plan, terminal, { sql: false });
  terminal.note(`${heading(situation, terminal)}\n\n${text}\n`);
}

function declined(): CommandResult {
  return { exitCode: ExitCode.done, json: { state: "pending", steps: [] }, text: "Nothing was changed." };
}

function print(result: UpResult, terminal: Terminal): string {
  if (result.state === "refused") {
    const findings = printFindings(result.refusals, terminal);
    return `${findings}\n\n${printRefused(result.notes, terminal)}`;
  }
  return [...doneLines(result, terminal), ...restoreLines(result, terminal)].join("\n");
}

function doneLines({ steps, locks }: UpResult, terminal: Terminal): string[] {
  if (steps.length === 0) return [terminal.style("green", "Nothing to do: everything stands.")];
  return [
    terminal.style("green", `Done: ${plural(steps.length, "step")}.`),
    ...(locks.attempts === 0
      ? []
      : [
          wrap(
            `Asked for strong locks ${plural(locks.attempts, "time")}, and stood in the lock queue for ${locks.longest_wait_ms} ms at most; nobody was seen waiting behind it for longer than ${locks.longest_blocked_ms} ms.`,
            terminal.width,
          ),
        ]),
  ];
}

function restoreLines({ restored }: UpResult, terminal: Terminal): string[] {
  if (restored === null) return [];
  const rows = Object.entries(restored.rows)
    .filter(([, count]) => count > 0)
    .map(([table, count]) => `; ${table.replaceAll("_", " ")}: ${count}`);
  const lines = [wrap(`Restored: ${plural(restored.users, "user")}${rows.join("")}.`, terminal.width)];
  if (restored.complete) return lines;
  const left = `${plural(restored.users_left, "user")} left in the archive: gone, somebody else by now, with newer values, or with an email that is taken.`;
  return [...lines, terminal.style("yellow", wrap(left, terminal.width))];
}
