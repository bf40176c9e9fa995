import { type Plan, type PlannedStep, statementsOf } from "../../migration/plan.ts";
import { indentLines, type Terminal, wrap } from "../terminal.ts";
import { printFindings } from "./findings.ts";

/** A plan for a person; `sql` adds the statements. */
export function printPlan(plan: Plan, terminal: Terminal, { sql }: { readonly sql: boolean }): string {
  const steps = plan.steps.map((step, index) => printStep(step, index + 1, terminal, sql));
  return [
    ...steps,
    ...(plan.refusals.length === 0 ? [] : ["", printFindings(plan.refusals, terminal)]),
    ...(plan.warnings.length === 0 ? [] : ["", printFindings(plan.warnings, terminal)]),
    "",
    conclusion(plan, terminal),
  ].join("\n");
}

function printStep(step: PlannedStep, number: number, terminal: Terminal, sql: boolean): string {
  const done = step.state === "done";
  const mark = done ? terminal.style("green", "✓") : String(number);
  const title = done ? terminal.style("dim", step.title) : step.title;
  const lines = [`  ${mark.padStart(2)}  ${title}`];
  if (done) return lines.join("\n");
  lines.push(
    `      ${terminal.style("dim", wrap(`${lockWords(step)}. ${step.reason}`, terminal.width, "      "))}`,
  );
  if (sql) {
    const statements = statementsOf(step.up).map((statement) => `${statement};`);
    lines.push(terminal.style("cyan", indentLines(statements.join("\n"), "        ")), "");
  }
  return lines.join("\n");
}

function lockWords(step: PlannedStep): string {
  switch (step.lock) {
    case "NONE":
      return "Locks nothing that exists";
    case "SHARE UPDATE EXCLUSIVE":
      return `Blocks no read or write (${step.lock}${step.transactional ? "" : ", outside a transaction"})`;
    default:
      return `Holds ${step.lock} on the users table for an instant`;
  }
}

function conclusion(plan: Plan, terminal: Terminal): string {
  if (plan.state === "refused") {
    return terminal.style("red", "Refused: nothing will be changed until the points marked ✗ are met.");
  }
  if (plan.state === "applied") return terminal.style("green", "Nothing to do: everything stands.");
  const pending = plan.steps.filter((step) => step.state === "pending").length;
  return `${pending} step${pending === 1 ? "" : "s"} to do. Run ${terminal.style("bold", "authgraft up")} to do ${pending === 1 ? "it" : "them"}, online.`;
}
