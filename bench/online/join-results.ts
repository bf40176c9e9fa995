import { PROFILES } from "./profiles.ts";
import type { BenchResults } from "./results.ts";

/**
 * Profiles that were measured earlier on the same machine by the same measure stay beside those of now: each is
 * whole in itself, what it compares was measured in turn.
 */
export function joinResults(earlier: BenchResults | null, now: BenchResults): BenchResults {
  if (earlier === null || measureOf(earlier) !== measureOf(now)) return now;
  const kept = earlier.runs.filter(({ profile }) => !now.options.profiles.includes(profile));
  const runs = [...kept, ...now.runs];
  const order = PROFILES.map(({ name }) => name);
  const measured = new Set(runs.map(({ profile }) => profile));
  return {
    ...now,
    options: { ...now.options, profiles: order.filter((name) => measured.has(name)) },
    runs: runs.toSorted((one, other) => order.indexOf(one.profile) - order.indexOf(other.profile)),
  };
}

function measureOf({ machine, node, postgres, settings, options }: BenchResults): string {
  const { rows, seconds, repeats } = options;
  return JSON.stringify([machine, node, postgres, settings, rows, seconds, repeats]);
}
