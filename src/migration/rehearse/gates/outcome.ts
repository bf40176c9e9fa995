import type { Finding } from "../../finding.ts";

/** How a gate's work ended; `value` is what later gates go on with, null where they cannot. */
export interface Outcome<Value> {
  readonly passed: boolean;
  readonly detail: string;
  readonly evidence: Readonly<Record<string, unknown>>;
  readonly value: Value | null;
}

/** The gate did not pass, and what builds on it cannot go on. */
export function failed(detail: string, evidence: Outcome<never>["evidence"] = {}): Outcome<never> {
  return { passed: false, detail, evidence, value: null };
}

/** Findings as sentences, each with its code and what to do. */
export function inWords(findings: readonly Finding[]): string {
  return findings.map(({ code, message, fix }) => `${code}: ${message} ${fix}`).join(" ");
}

/** At most so many of a list, and how many more there are. */
export function shorten(items: readonly string[], most = 5): string {
  const more = items.length - most;
  return items.slice(0, most).join("; ") + (more > 0 ? `; and ${more} more` : "");
}

/** `1 row`, `2 rows`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}
