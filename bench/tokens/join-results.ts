import { MEASUREMENTS } from "./options.ts";
import type { BenchResults } from "./results.ts";

/**
 * What was measured earlier on the same machine by the same measure stays beside what was measured now: each
 * measurement is whole in itself, what it compares was measured in turn.
 */
export function joinResults(earlier: BenchResults | null, now: BenchResults): BenchResults {
  if (earlier === null || measureOf(earlier) !== measureOf(now)) return now;
  const measured = { ...earlier.measured, ...now.measured };
  return {
    ...now,
    options: { ...now.options, only: MEASUREMENTS.filter((name) => measured[name] !== undefined) },
    stolen: { ...earlier.stolen, ...now.stolen },
    seconds: { ...earlier.seconds, ...now.seconds },
    measured,
  };
}

function measureOf({ date, machine, node, postgres, peers, options }: BenchResults): string {
  const { seconds, repeats, quick } = options;
  return JSON.stringify([date, machine, node, postgres, peers, seconds, repeats, quick]);
}
