import { largest, median } from "../online/statistics.ts";
import type { BenchResults, CheckRun, Product, ThroughputRun } from "./results.ts";
import { verdictsOf } from "./verdicts.ts";

/** What was measured on, and how, in a few lines. */
export function surroundingsOf(results: BenchResults): string {
  const { date, machine, node, postgres, betterAuth, users, rate, options } = results;
  return (
    `${date}, ${machine}, Node.js ${node}, PostgreSQL ${postgres}, better-auth ${betterAuth}; ${users.toLocaleString("en")} users each, ` +
    `${rate} session checks a second, ${options.seconds} s and ${options.repeats} repeats each, in turn.${stolenOf(results)}`
  );
}

/** A virtual machine whose host gives its processors to others measures the host as well. */
function stolenOf({ checks }: BenchResults): string {
  const most = largest(checks.map(({ stolen }) => stolen ?? 0));
  return most < 0.005
    ? ""
    : ` The machine's host took up to ${(100 * most).toFixed(0)} % of the processors' time of a run for others.`;
}

/** The whole as text. */
export function printResults(results: BenchResults): string {
  return [surroundingsOf(results), verdictList(results), throughputTable(results), checkTable(results)].join(
    "\n\n",
  );
}

/** Each goal, whether it was reached, by which figures. */
export function verdictList(results: BenchResults): string {
  const lines = verdictsOf(results).map(
    ({ goal, passed, figures }) => `| ${goal} | ${passed ? "yes" : "**no**"} | ${figures} |`,
  );
  return ["| goal | reached | figures |", "|---|---|---|", ...lines].join("\n");
}

/** Logins a second beside verifications a second. */
export function throughputTable({ throughput, concurrency }: BenchResults): string {
  const row = (name: string, of: (run: ThroughputRun) => number, digits: number) => {
    const values = throughput.map(of);
    return `| ${[name, ...[Math.min(...values), median(values), Math.max(...values)].map((value) => value.toFixed(digits))].join(" | ")} |`;
  };
  return [
    `| a second, ${concurrency} at a time, ${throughput.length} repeats | lowest | median | highest |`,
    "|---|---|---|---|",
    row("verifications, the pool alone", ({ pool }) => pool.perSecond, 1),
    row("logins over HTTP", ({ http }) => http.perSecond, 1),
    row(
      "logins to verifications, of the same repeat",
      ({ pool, http }) => http.perSecond / pool.perSecond,
      2,
    ),
  ].join("\n");
}

const NAMES: Readonly<Record<Product, string>> = { authgraft: "Authgraft", "better-auth": "better-auth" };

/** Session checks while people sign in. */
export function checkTable({ checks }: BenchResults): string {
  const levels = [...new Set(checks.map(({ concurrency }) => concurrency))];
  const lines = levels.flatMap((concurrency) =>
    (["authgraft", "better-auth"] as const).map((product) =>
      lineOf(checks.filter((run) => run.product === product && run.concurrency === concurrency)),
    ),
  );
  return [
    "| logins at a time | | session check p50 ms | p99 ms (worst repeat) | slowest ms | sent late, p99 ms | failed | logins/s | login's median ms | 503 |",
    "|---|---|---|---|---|---|---|---|---|---|",
    ...lines,
  ].join("\n");
}

function lineOf(runs: readonly CheckRun[]): string {
  const [first] = runs;
  if (first === undefined) return "";
  const logins = runs.flatMap((run) => (run.logins === null ? [] : [run.logins]));
  const ofLogins = (text: string) => (logins.length === 0 ? "" : text);
  const failed = [...runs.map(({ checks }) => checks.failed), ...logins.map((login) => login.failed)];
  const cells = [
    first.concurrency,
    NAMES[first.product],
    figure(median(runs.map(({ checks }) => checks.p50))),
    `${figure(median(runs.map(({ checks }) => checks.p99)))} (${figure(largest(runs.map(({ checks }) => checks.p99)))})`,
    figure(largest(runs.map(({ checks }) => checks.slowest))),
    figure(median(runs.map(({ checks }) => checks.lateness))),
    failed.reduce((sum, count) => sum + count, 0),
    ofLogins(figure(median(logins.map(({ perSecond }) => perSecond)))),
    ofLogins(figure(median(logins.map((login) => login.median)))),
    ofLogins(String(logins.reduce((sum, { refused }) => sum + refused, 0))),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** Three figures that count, whatever the size. */
function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}
