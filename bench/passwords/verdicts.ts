import { largest, median } from "../online/statistics.ts";
import type { Verdict } from "../online/verdicts.ts";
import type { BenchResults, Product } from "./results.ts";

/** The part of what the pool alone does that logins over HTTP are to reach. */
const THROUGHPUT_GOAL = 0.8;

/** Milliseconds that the p99 of session checks is to stay under while people sign in. */
const LATENCY_GOAL = 25;

/** Judges the medians of the repeats. */
export function verdictsOf(results: BenchResults): readonly Verdict[] {
  const levels = [...new Set(results.checks.map(({ concurrency }) => concurrency))];
  return [
    throughputVerdict(results),
    ...levels.filter((level) => level > 0).map((level) => latencyVerdict(results, level)),
    failureVerdict(results),
  ];
}

function throughputVerdict({ throughput }: BenchResults): Verdict {
  const ratios = throughput.map(({ pool, http }) => http.perSecond / pool.perSecond);
  return {
    goal: `logins over HTTP at least ${THROUGHPUT_GOAL} × what the pool alone does`,
    passed: median(ratios) >= THROUGHPUT_GOAL,
    figures: `${median(ratios).toFixed(2)} × (${Math.min(...ratios).toFixed(2)} to ${largest(ratios).toFixed(2)})`,
  };
}

function latencyVerdict({ checks, rate }: BenchResults, concurrency: number): Verdict {
  const of = (product: Product) =>
    checks
      .filter((run) => run.product === product && run.concurrency === concurrency)
      .map((run) => run.checks.p99);
  const [own, other] = [of("authgraft"), of("better-auth")];
  return {
    goal: `p99 of \`GET /v1/users/me\` at ${rate} a second under ${LATENCY_GOAL} ms with ${concurrency} logins at a time`,
    passed: median(own) < LATENCY_GOAL,
    figures: `${median(own).toFixed(1)} ms (worst repeat ${largest(own).toFixed(1)}); better-auth ${median(other).toFixed(0)} ms`,
  };
}

/** What is refused for want of room is not failed: it says when to come back, and is counted beside. */
function failureVerdict({ throughput, checks }: BenchResults): Verdict {
  const own = checks.filter(({ product }) => product === "authgraft");
  const failed = [
    ...throughput.flatMap(({ pool, http }) => [pool.failed, http.failed]),
    ...own.flatMap((run) => [run.checks.failed, run.logins?.failed ?? 0]),
  ].reduce((sum, count) => sum + count, 0);
  return { goal: "no login and no session check fails", passed: failed === 0, figures: `${failed} failed` };
}
