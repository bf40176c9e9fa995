import type { Gate, Rehearsal } from "../../migration/rehearse/rehearsal.ts";
import { plural } from "../terminal.ts";

/** What a rehearsal comes to, in a sentence, and what to do with it. */
export interface Conclusion {
  readonly sentence: string;
  readonly next: string;
}

/**
 * The decision in words.
 *
 * @param report the file that the report was written to, as it was named; null where none was.
 */
export function conclude(rehearsal: Rehearsal, report: string | null): Conclusion {
  const { gates } = rehearsal;
  const failed = gates.filter((gate) => stateOf(gate) === "failed");
  const seconds = formatSeconds(totalSeconds(rehearsal));
  if (rehearsal.decision === "go") {
    return {
      sentence: `Go: ${passedWords(gates.length)} in ${seconds}.`,
      next:
        report === null
          ? "Keep it with --report rehearsal.json: authgraft up --require-rehearsal rehearsal.json applies nothing but what was rehearsed."
          : `authgraft up --require-rehearsal ${quoteArgument(report)}`,
    };
  }
  const titles = failed.map(({ title }) => `“${title}”`).join(", ");
  return {
    sentence: `No-go: ${failed.length} of ${plural(gates.length, "gate")} failed${titles === "" ? "" : `: ${titles}`}.`,
    next: "Meet what the failed gate says, then rehearse again. Nothing was changed but on the scratch server.",
  };
}

/** A gate that builds on one that failed is not reached: it did not pass, and says nothing of its own. */
export function stateOf({ passed, detail }: Gate): "passed" | "failed" | "unreached" {
  if (passed) return "passed";
  return detail.startsWith("not reached") ? "unreached" : "failed";
}

/** The sign of each. */
export const SIGNS = { passed: "✓", failed: "✗", unreached: "–" } as const;

function passedWords(count: number): string {
  return count === 1 ? "the gate passed" : `all ${count} gates passed`;
}

/** From its beginning to its end, in seconds. */
function totalSeconds({ startedAt, finishedAt }: Rehearsal): number {
  const seconds = (Date.parse(finishedAt) - Date.parse(startedAt)) / 1_000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : 0;
}

/** `0.4 s`, `12 s`, `3 min 5 s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 120) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** `0.4 ms`, `12 ms`, `1.2 s`. */
export function formatMilliseconds(milliseconds: number): string {
  if (milliseconds >= 1_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  return `${milliseconds < 10 ? Number(milliseconds.toFixed(1)) : Math.round(milliseconds)} ms`;
}

/**
 * A dump is written by whoever wrote it: what steers a terminal, or turns the direction of a text, does not get
 * out of it.
 */
export function harmless(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]|\p{Bidi_Control}/gu, "\u{FFFD}");
}

/** A file's name as a shell takes it. */
function quoteArgument(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
