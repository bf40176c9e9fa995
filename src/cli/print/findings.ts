import type { Finding } from "../../migration/finding.ts";
import { indentLines, plural, type Terminal, wrap } from "../terminal.ts";
import { fixLines } from "./fix.ts";

/** Findings for a person: what is wrong, where, and what to do. */
export function printFindings(findings: readonly Finding[], terminal: Terminal, evidence = false): string {
  return findings.map((finding) => printFinding(finding, terminal, evidence)).join("\n");
}

function printFinding(finding: Finding, terminal: Terminal, evidence: boolean): string {
  const refusal = finding.severity === "refusal";
  const mark = refusal ? terminal.style("red", "✗") : terminal.style("yellow", "!");
  const lines = [
    `  ${mark} ${terminal.style("bold", finding.code)} ${terminal.style("dim", finding.object)}`,
    `    ${wrap(finding.message, terminal.width, "    ")}`,
    fixLines(finding.fix, terminal),
  ];
  if (refusal && finding.acceptable) lines.push(`      Or go on all the same: --accept ${finding.code}`);
  if (evidence && finding.evidence !== null) {
    lines.push(terminal.style("dim", indentLines(`found by: ${finding.evidence.sql.trim()}`, "      ")));
  }
  return lines.join("\n");
}

/** `3 refusals, 1 warning`, or nothing. */
export function countFindings(findings: readonly Finding[], refusal: string): string {
  const refusals = findings.filter(({ severity }) => severity === "refusal").length;
  const warnings = findings.length - refusals;
  return [
    ...(refusals === 0 ? [] : [plural(refusals, refusal)]),
    ...(warnings === 0 ? [] : [plural(warnings, "warning")]),
  ].join(", ");
}
