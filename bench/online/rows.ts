import type { Action, Profile } from "./profiles.ts";
import { PROFILES } from "./profiles.ts";
import type { BenchResults, RunResult } from "./results.ts";
import { STAR } from "./statements.ts";
import { largest, median } from "./statistics.ts";

/** The repeats of one action in one profile, as one row; latencies in milliseconds. */
export interface ResultRow {
  readonly profile: Profile;
  readonly action: Action;
  readonly runs: readonly RunResult[];
  /** The median of the repeats' slowest, and the slowest of all. */
  readonly slowest: number;
  readonly worst: number;
  readonly p99: number;
  readonly p999: number;
  readonly over100: number;
  /** The most in a repeat; without those of `SELECT *`, prepared before. */
  readonly errors: number;
  readonly starErrors: number;
  /** The longest wait behind the change in any repeat, sampled. */
  readonly waited: number;
  /** Waits that were longer than the budget in any repeat, by the server's log, and the longest of them. */
  readonly loggedWaits: number;
  readonly longestLogged: number;
  readonly seconds: number | null;
  readonly ownSeconds: number | null;
  readonly memory: number | null;
}

/** The rows of the table, in the order of the profiles. */
export function rowsOf({ runs }: BenchResults): readonly ResultRow[] {
  return PROFILES.flatMap((profile) =>
    profile.actions.flatMap((action) => {
      const own = runs.filter((run) => run.profile === profile.name && run.action === action);
      return own.length === 0 ? [] : [rowOf(profile, action, own)];
    }),
  );
}

function rowOf(profile: Profile, action: Action, runs: readonly RunResult[]): ResultRow {
  const middle = (of: (run: RunResult) => number) => median(runs.map(of));
  const most = (of: (run: RunResult) => number) => largest(runs.map(of));
  const changed = runs.every((run) => run.change !== null);
  const memories = runs.flatMap((run) => (run.change?.memory ? [run.change.memory] : []));
  return {
    profile,
    action,
    runs,
    slowest: middle((run) => run.latency.slowest),
    worst: most((run) => run.latency.slowest),
    p99: middle((run) => run.latency.p99),
    p999: middle((run) => run.latency.p999),
    over100: middle((run) => run.latency.over100),
    errors: most((run) => countErrors(run, false)),
    starErrors: most((run) => countErrors(run, true)),
    waited: most((run) => run.locks.longestWait),
    loggedWaits: most((run) => run.logged.count),
    longestLogged: most((run) => run.logged.longest),
    seconds: changed ? middle((run) => run.change?.seconds ?? 0) : null,
    ownSeconds: changed ? middle((run) => run.change?.ownSeconds ?? 0) : null,
    memory: memories.length === 0 ? null : largest(memories),
  };
}

function countErrors({ errors }: RunResult, star: boolean): number {
  return Object.entries(errors)
    .filter(([name]) => name.startsWith(STAR) === star)
    .reduce((sum, [, count]) => sum + count, 0);
}
