import type { Action } from "./profiles.ts";
import type { BenchResults } from "./results.ts";
import { type ResultRow, rowsOf } from "./rows.ts";

/** Whether a goal was reached, and by which figures. */
export interface Verdict {
  readonly goal: string;
  readonly passed: boolean;
  readonly figures: string;
}

const SLOW = 100;
const MOST_MEMORY = 150;
const BUSY_SECONDS = 60;

/** The goals that this benchmark stands for, each judged by its worst figure. Goals that were not measured are left out. */
export function verdictsOf(results: BenchResults): readonly Verdict[] {
  const rows = rowsOf(results);
  const find = (profile: string, action: Action) =>
    rows.find((row) => row.profile.name === profile && row.action === action);
  return [
    ...["quiet", "report"].flatMap((profile) =>
      (["up", "down"] as const).flatMap((action) => {
        const row = find(profile, action);
        return row === undefined
          ? []
          : whileItRuns(row, find(profile, "cic"), find(profile, "idle"), results.budget);
      }),
    ),
    ...(["up", "down"] as const).flatMap((action) => {
      const [row, idle] = [find("busy", action), find("busy", "idle")];
      return row === undefined || idle === undefined ? [] : whenBusy(row, idle, results.budget);
    }),
    ...totalTime(find("quiet", "up"), find("quiet", "plain"), 0.8, "A"),
    ...totalTime(find("b", "up"), find("b", "plain"), 1.7, "B"),
    ...prepared(rows),
    ...everyRun(rows),
  ];
}

function whileItRuns(
  row: ResultRow,
  cic: ResultRow | undefined,
  idle: ResultRow | undefined,
  budget: number,
): Verdict[] {
  const name = nameOf(row);
  const bound = Math.max(SLOW, 2 * (cic?.worst ?? 0));
  return [
    {
      goal: `${name}: no query waits behind Authgraft for longer than ${budget} ms`,
      passed: row.waited <= budget && row.loggedWaits === 0,
      figures: `longest seen ${ms(row.waited)}, in the server's log ${row.loggedWaits} longer than ${budget} ms`,
    },
    {
      goal: `${name}: no query slower than 100 ms, or than twice the slowest of a bare CREATE INDEX CONCURRENTLY`,
      passed: row.worst <= bound,
      figures: `slowest ${ms(row.worst)}${cic === undefined ? "" : `; bare build ${ms(cic.worst)}`}`,
    },
    { goal: `${name}: none fails`, passed: row.errors === 0, figures: `${row.errors} errors` },
    ...(idle === undefined
      ? []
      : [
          {
            goal: `${name}: p99.9 at most three times idle's`,
            passed: row.p999 <= 3 * idle.p999,
            figures: `${ms(row.p999)} to ${ms(idle.p999)}, ${ratio(row.p999, idle.p999)}`,
          },
        ]),
  ];
}

function whenBusy(row: ResultRow, idle: ResultRow, budget: number): Verdict[] {
  const bound = 2 * idle.worst + budget;
  const longest = Math.max(...row.runs.map((run) => run.change?.seconds ?? 0));
  const through = row.runs.every((run) => run.change?.exitCode === 0);
  return [
    {
      goal: `${nameOf(row)}: gets in within ${BUSY_SECONDS} s`,
      passed: through && longest <= BUSY_SECONDS,
      figures: `${longest.toFixed(1)} s at the most${through ? "" : ", and not through every time"}`,
    },
    {
      goal: `${nameOf(row)}: slowest query at most twice idle's slowest and the budget`,
      passed: row.worst <= bound,
      figures: `${ms(row.worst)}, idle ${ms(idle.worst)}`,
    },
  ];
}

function totalTime(
  up: ResultRow | undefined,
  plain: ResultRow | undefined,
  most: number,
  sample: string,
): Verdict[] {
  if (up?.ownSeconds == null || plain?.seconds == null) return [];
  return [
    {
      goal: `total time of up on ${sample} at most ${most} × the plain transaction's`,
      passed: up.ownSeconds <= most * plain.seconds,
      figures: `${up.ownSeconds.toFixed(2)} s to ${plain.seconds.toFixed(2)} s, ${ratio(up.ownSeconds, plain.seconds)}`,
    },
  ];
}

function prepared(rows: readonly ResultRow[]): Verdict[] {
  const own = rows.filter((row) => row.profile.load === "prepared");
  if (own.length === 0) return [];
  const warned = own
    .flatMap(({ runs }) => runs)
    .some((run) => run.change?.warnings.includes("prepared_select_star"));
  return [
    {
      goal: "prepared statements that name their columns: none fails",
      passed: own.every(({ errors }) => errors === 0),
      figures: `${Math.max(...own.map(({ errors }) => errors))} errors; SELECT * failed ${Math.max(...own.map(({ starErrors }) => starErrors))} times, ${warned ? "as up had warned" : "and up had not warned of it"}`,
    },
  ];
}

function everyRun(rows: readonly ResultRow[]): Verdict[] {
  const commands = rows.filter(({ action }) => action === "up" || action === "down");
  if (commands.length === 0) return [];
  const memory = Math.max(...commands.map((row) => row.memory ?? 0));
  const failed = commands.flatMap(({ runs }) => runs).filter((run) => run.change?.exitCode !== 0);
  return [
    {
      goal: `memory of the command under ${MOST_MEMORY} MB`,
      passed: memory < MOST_MEMORY,
      figures: `${memory.toFixed(0)} MB at the most`,
    },
    {
      goal: "every up and down comes through",
      passed: failed.length === 0,
      figures:
        failed.length === 0 ? "all of them" : failed.map((run) => `${run.profile} ${run.action}`).join(", "),
    },
  ];
}

function nameOf({ profile, action }: ResultRow): string {
  return `${action} (${profile.name})`;
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

function ratio(value: number, base: number): string {
  return base === 0 ? "–" : `${(value / base).toFixed(2)} ×`;
}
