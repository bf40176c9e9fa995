import type { Finding } from "../../migration/finding.ts";
import { indentLines, type Terminal, wrap } from "../terminal.ts";

/** Findings for a person: what is wrong, where, and what to do. */
export function printFindings(findings: readonly Finding[], terminal: Terminal, evidence = false): string {
  return findings.map((finding) => printFinding(finding, terminal, evidence)).join("\n");
}

function printFinding(finding: Finding, terminal: Terminal, evidence: boolean): string {
  const refusal = finding.severity === "refusal";
  const mark = refusal ? terminal.style("red", "✗") : terminal.style("yellow", "!");
  const accept = refusal && finding.acceptable ? ` (to go on all the same: --accept ${finding.code})` : "";
  const lines = [
    `  ${mark} ${terminal.style("bold", finding.code)} ${terminal.style("dim", finding.object)}`,
    `    ${wrap(finding.message, terminal.width, "    ")}`,
    ...fixLines(finding.fix + accept, terminal),
  ];
  if (evidence && finding.evidence !== null) {
    lines.push(terminal.style("dim", indentLines(`found by: ${finding.evidence.sql.trim()}`, "      ")));
  }
  return lines.join("\n");
}

/** A fix of one line is wrapped; statements are left as they are, to be copied. */
function fixLines(fix: string, terminal: Terminal): string[] {
  const [first = "", ...rest] = fix.includes("\n") ? fix.split("\n") : [wrap(fix, terminal.width, "      ")];
  return [`    ${terminal.style("cyan", "→")} ${first}`, ...rest.map((line) => `      ${line}`)];
}

/** `3 refusals, 1 warning`, or nothing. */
export function countFindings(refusals: number, warnings: number): string {
  const parts = [plural(refusals, "refusal"), plural(warnings, "warning")].filter((part) => part !== "");
  return parts.join(", ");
}

function plural(count: number, word: string): string {
  return count === 0 ? "" : `${count} ${word}${count === 1 ? "" : "s"}`;
}
