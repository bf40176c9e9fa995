import { MEANS, PHASES } from "./draw.ts";
import type { Outcome } from "./kill.ts";
import { describePoint } from "./points.ts";

/** A kill as one line. */
export function line({ kill, point, phase, problems, milliseconds }: Outcome): string {
  const { number, means, scenario, book, moment, next } = kill;
  const where = point === null ? "nowhere" : `${point.step}, ${phase}: ${describePoint(point)}`;
  const drawn = moment.kind === "point" ? "" : ` (by ${moment.kind})`;
  const verdict = problems.length === 0 ? "converged" : "FAILED";
  return `#${number} ${means.padEnd(7)} ${scenario.direction} (${book.subject.name}) at ${where}${drawn}; then the ${next}: ${verdict}, ${(milliseconds / 1000).toFixed(1)} s`;
}

/** How often each step was struck, by what and where; the order is that in which a run comes to them. */
export function table(outcomes: readonly Outcome[]): string {
  const columns = MEANS.flatMap((means) => PHASES.map((phase) => ({ means, phase })));
  const keys = [...new Set(outcomes.map(keyOf))].sort();
  const width = Math.max(...keys.map((key) => key.length), 4);
  const head = [
    `${"".padEnd(width)}  ${MEANS.map((means) => means.padEnd(PHASES.length * 8)).join("")}`,
    `${"".padEnd(width)}  ${columns.map(({ phase }) => phase.padEnd(8)).join("")}`,
  ];
  const rows = keys.map((key) => {
    const cells = columns.map(({ means, phase }) => {
      const count = outcomes.filter(
        (one) => keyOf(one) === key && one.kill.means === means && one.phase === phase,
      );
      return String(count.length || "·").padEnd(8);
    });
    return `${key.padEnd(width)}  ${cells.join("")}`;
  });
  return [...head, ...rows].map((row) => row.trimEnd()).join("\n");
}

function keyOf({ kill, point }: Outcome): string {
  return `${kill.scenario.direction.padEnd(14)} ${point?.step ?? "nowhere"}`;
}
