import type { BenchResults, RunResult } from "./results.ts";
import { type ResultRow, rowsOf } from "./rows.ts";
import { largest, median } from "./statistics.ts";
import { verdictsOf } from "./verdicts.ts";

const TITLES = {
  idle: "idle",
  plain: "plain transaction",
  up: "`up`",
  cic: "bare index build",
  down: "`down`",
} as const;

const HEAD =
  "| | slowest ms (worst) | × idle | p99 ms | p99.9 ms | over 100 ms | errors | waited behind it ms | total s | without waiting s | memory MB |\n|---|---|---|---|---|---|---|---|---|---|---|";

/** What was measured on, in a line or two. */
export function surroundingsOf({ machine, node, postgres, settings, options, date }: BenchResults): string {
  const set = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  return (
    `${date}, ${machine}, Node.js ${node}, PostgreSQL ${postgres}; ${options.rows.toLocaleString("en")} users, ${options.seconds} s and ` +
    `${options.repeats} repeats each. Durable, with PostgreSQL's defaults but for ${set.join(", ")}.`
  );
}

/** The whole as text: tables by profile, and the verdicts. */
export function printResults(results: BenchResults): string {
  return [surroundingsOf(results), tablesOf(results), verdictList(results)].join("\n\n");
}

/** One table for each profile. */
export function tablesOf(results: BenchResults): string {
  const rows = rowsOf(results);
  const profiles = [...new Set(rows.map(({ profile }) => profile))];
  return profiles
    .map((profile) => {
      const own = rows.filter((row) => row.profile === profile);
      const idle = own.find(({ action }) => action === "idle");
      const notes = notesOf(own);
      const table = [`**${profile.title}**`, "", HEAD, ...own.map((row) => lineOf(row, idle))].join("\n");
      return notes.length === 0 ? table : `${table}\n\n${notes.join(" ")}`;
    })
    .join("\n\n");
}

/** Each goal, whether it was reached, by which figures. */
export function verdictList(results: BenchResults): string {
  const lines = verdictsOf(results).map(
    ({ goal, passed, figures }) => `| ${goal} | ${passed ? "yes" : "**no**"} | ${figures} |`,
  );
  return ["| goal | reached | figures |", "|---|---|---|", ...lines].join("\n");
}

function lineOf(row: ResultRow, idle: ResultRow | undefined): string {
  const cells = [
    TITLES[row.action],
    `${figure(row.slowest)} (${figure(row.worst)})`,
    idle === undefined || idle === row ? "" : (row.slowest / idle.slowest).toFixed(1),
    figure(row.p99),
    figure(row.p999),
    Math.round(row.over100),
    row.errors,
    row.action === "idle" ? "" : figure(Math.max(row.waited, row.longestLogged)),
    row.seconds === null ? "" : row.seconds.toFixed(2),
    row.ownSeconds === null ? "" : row.ownSeconds.toFixed(2),
    row.memory === null ? "" : row.memory.toFixed(0),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** Three figures that count, whatever the size. */
function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}

function notesOf(rows: readonly ResultRow[]): string[] {
  const runs = rows.flatMap((row) => row.runs);
  const failures = runs.filter((run) => run.change?.failure);
  const star = largest(rows.map((row) => row.starErrors));
  return [
    ...rows.flatMap(standbyNote),
    ...(rows[0]?.profile.autovacuum
      ? [`An autovacuum was running at ${percent(runs)} of the looks before the change.`]
      : []),
    ...(star > 0
      ? [`\`SELECT *\`, prepared before the change, failed up to ${star} times; it is not among the errors.`]
      : []),
    ...(failures.length > 0 ? [`${failures.length} of ${runs.length} runs of the change failed.`] : []),
  ];
}

function standbyNote({ action, runs }: ResultRow): string[] {
  const standbys = runs.flatMap(({ standby }) => (standby === null ? [] : [standby]));
  if (standbys.length === 0) return [];
  const errors = standbys
    .flatMap((standby) => Object.values(standby.errors))
    .reduce((sum, count) => sum + count, 0);
  return [
    `On the standby during ${TITLES[action]}: slowest query ${figure(median(standbys.map(({ latency }) => latency.slowest)))} ms ` +
      `(worst ${figure(largest(standbys.map(({ latency }) => latency.slowest)))}), ${errors} errors; replay was behind by ` +
      `${figure(median(standbys.map(({ longestDelay }) => longestDelay)))} ms at the most ` +
      `(before the change ${figure(median(standbys.map(({ delayBefore }) => delayBefore)))}).`,
  ];
}

function percent(runs: readonly RunResult[]): string {
  return `${Math.round(100 * median(runs.map(({ locks }) => locks.autovacuum)))} %`;
}
