import { type Plan, type PlannedStep, statementsOf } from "../../migration/plan.ts";
import { indentLines, plural, type Terminal, wrap } from "../terminal.ts";
import { printFindings } from "./findings.ts";

/** A plan for a person; `sql` adds the statements. */
export function printPlan(plan: Plan, terminal: Terminal, { sql }: { readonly sql: boolean }): string {
  const parts = [
    plan.steps
      .map((step, index) => printStep(step, index + 1, terminal, sql))
      .join("\n")
      .trimEnd(),
    printFindings(plan.refusals, terminal),
    printFindings(plan.warnings, terminal),
    conclusion(plan, terminal),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

const INDENT = "      ";

function printStep(step: PlannedStep, number: number, terminal: Terminal, sql: boolean): string {
  const title = wrap(step.title, terminal.width, INDENT);
  if (step.state === "done") return `   ${terminal.style("green", "✓")}  ${terminal.style("dim", title)}`;
  const words = wrap(`${lockWords(step)}. ${step.reason}`, terminal.width, INDENT);
  const lines = [`  ${String(number).padStart(2)}  ${title}`, `${INDENT}${terminal.style("dim", words)}`];
  if (sql) {
    const statements = statementsOf(step.up).map((statement) => `${statement};`);
    lines.push(terminal.style("cyan", indentLines(statements.join("\n"), `${INDENT}  `)), "");
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
  const them = pending === 1 ? "it" : "them";
  return `${plural(pending, "step")} to do. ${terminal.style("bold", "authgraft up")} does ${them} while the application runs.`;
}
