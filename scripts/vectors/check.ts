import { EXCEPTIONS, type Exception } from "./exceptions.ts";
import { type Outcome, outcomeOf, WANTED } from "./outcome.ts";
import type { Vector } from "./rows.ts";

/** How a vector fared. */
export interface Verdict {
  readonly vector: Vector;
  readonly outcome: Outcome;
  readonly passed: boolean;
  /** The exception that speaks of it, needed or not. */
  readonly exception: Exception | null;
}

/** Holds each vector to what its kind asks for, or to what the reviewed list of exceptions says of its hash. */
export function checkVectors(
  vectors: readonly Vector[],
  exceptions: readonly Exception[] = EXCEPTIONS,
): Verdict[] {
  const known = new Map(exceptions.map((exception) => [exception.hash, exception]));
  return vectors.map((vector) => {
    const outcome = outcomeOf(vector);
    const exception = known.get(vector.hash) ?? null;
    const isWell = WANTED[vector.kind].includes(outcome);
    const passed = exception === null ? isWell : !isWell && outcome === exception.outcome;
    return { vector, outcome, passed, exception };
  });
}

/** What is told of the verdicts: each exception and each failure, then the counts. */
export function tell(verdicts: readonly Verdict[]): string[] {
  const failed = verdicts.filter(({ passed }) => !passed);
  const excepted = verdicts.filter(({ passed, exception }) => passed && exception !== null);
  return [
    ...excepted.map((verdict) => `${lineOf("exception", verdict)}; ${verdict.exception?.reason}`),
    ...failed.map((verdict) => `${lineOf("FAILED", verdict)}${whyOf(verdict)}`),
    `${verdicts.length - failed.length} passed, ${failed.length} failed`,
  ];
}

const LONGEST_SHOWN = 160;

/** The hash is shown: vectors are public. */
function lineOf(mark: string, { vector: { row, kind, format, hash }, outcome }: Verdict): string {
  const shown = hash.length > LONGEST_SHOWN ? `${hash.slice(0, LONGEST_SHOWN)}…` : hash;
  return `${mark}  row ${row}  ${kind}  ${format}  ${shown}  → ${outcome}`;
}

function whyOf({ vector, outcome, exception }: Verdict): string {
  if (exception === null) return "";
  const isNeeded = !WANTED[vector.kind].includes(outcome);
  return isNeeded ? `; the exception says ${exception.outcome}` : "; the exception is no longer needed";
}
