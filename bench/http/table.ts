import { largest, median } from "../online/statistics.ts";
import { figure, table } from "../tokens/markdown.ts";
import { count } from "../tokens/verdicts.ts";
import type { HttpBenchResults, Product, RateRun, Task } from "./results.ts";

/** What the product has to do a second, on two cores that it shares with PostgreSQL and the load. */
const RATE = 1_000;

/** Milliseconds within which all is well again. */
const SERVED = 2_000;

const ROWS: readonly (readonly [Task, Product, string])[] = [
  ["refresh", "authgraft", "Authgraft, `POST /v1/auth/refresh`: new tokens each time"],
  [
    "refresh",
    "better-auth",
    "better-auth, `GET /api/auth/get-session`: it has no refresh tokens, and only looks",
  ],
  ["profile", "authgraft", "Authgraft, `PATCH /v1/users/me`"],
  ["profile", "better-auth", "better-auth, `POST /api/auth/update-user`"],
];

/** What was measured, as Markdown. */
export function printResults(results: HttpBenchResults): string {
  return [surroundings(results), goals(results), rates(results), restarts(results)].join("\n\n");
}

function surroundings({ date, machine, betterAuth, options, stolen }: HttpBenchResults): string {
  const host =
    stolen === null ? "" : `; the host gave ${(stolen * 100).toFixed(1)} % of the processors' time to others`;
  return `${date}: ${machine}, better-auth ${betterAuth}; ${options.repeats} runs of ${options.seconds} s each, in turn${host}.`;
}

function goals({ rates: runs, restarts: again }: HttpBenchResults): string {
  const rateOf = (task: Task) => median(of(runs, task, "authgraft").map(({ perSecond }) => perSecond));
  const slowest = largest(again.map(({ servedAfter }) => servedAfter));
  const wrong = again.reduce((sum, run) => sum + run.wrong, 0);
  const goal = (passed: boolean, text: string) => `- ${passed ? "reached" : "**missed**"}: ${text}`;
  return [
    goal(
      rateOf("refresh") >= RATE,
      `at least ${count(RATE)} renewals a second: ${figure(rateOf("refresh"))}`,
    ),
    goal(
      rateOf("profile") >= RATE,
      `at least ${count(RATE)} changed profiles a second: ${figure(rateOf("profile"))}`,
    ),
    goal(
      slowest < SERVED && wrong === 0,
      `PostgreSQL restarted under 100 requests a second: all well within ${SERVED / 1_000} s of its return, nothing decided that could not be: ${figure(slowest)} ms, ${wrong} wrong`,
    ),
  ].join("\n");
}

function of(runs: readonly RateRun[], task: Task, product: Product): readonly RateRun[] {
  return runs.filter((run) => run.task === task && run.product === product);
}

function rates({ connections, rates: runs }: HttpBenchResults): string {
  const rows = ROWS.map(([task, product, name]) => {
    const own = of(runs, task, product);
    const perSecond = own.map((run) => run.perSecond);
    return [
      name,
      ...[Math.min(...perSecond), median(perSecond), largest(perSecond)].map((value) =>
        count(Math.round(value)),
      ),
      ...(["p50", "p99"] as const).map((share) => figure(median(own.map(({ spread }) => spread[share])))),
      own.reduce((sum, { failed }) => sum + failed, 0),
    ];
  });
  return table(
    [`over ${connections} connections`, "lowest a second", "median", "highest", "p50 ms", "p99 ms", "failed"],
    rows,
  );
}

function restarts({ restarts: again }: HttpBenchResults): string {
  const rows = again.map((run) => [
    run.repeat,
    run.asked,
    run.unavailable,
    figure(run.slowestUnavailable),
    run.wrong,
    figure(run.servedAfter),
  ]);
  return table(
    [
      "PostgreSQL restarted",
      "requests",
      "503",
      "slowest 503, ms",
      "anything else, or decided though it could not be",
      "all well after its return, ms",
    ],
    rows,
  );
}
