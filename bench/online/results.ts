import type { LatencyPoint, LatencySummary } from "../../src/migration/rehearse/traffic/samples.ts";
import type { BenchOptions } from "./options.ts";
import type { Action } from "./profiles.ts";

/** What was seen of locks on the users table during a run. */
export interface LockWatch {
  /** How often was looked. */
  readonly looks: number;
  /** The longest that a query of the application was seen to wait behind a changer, in milliseconds. */
  readonly longestWait: number;
  /** The most queries that were seen waiting behind one at a time. */
  readonly longestQueue: number;
  /** Over time, wherever something waited or a strong lock was held; `at` in milliseconds since the traffic began. */
  readonly queue: readonly { readonly at: number; readonly waiting: number }[];
  /** The table's locks that a changer held or asked for. */
  readonly locks: readonly LockSpan[];
  /** The part of the looks before the action in which an autovacuum of the table ran. */
  readonly autovacuum: number;
  /** How long the changer was seen waiting inside the server, in milliseconds. */
  readonly waiting: number;
}

/** A lock as it was seen; times in milliseconds since the traffic began. */
export interface LockSpan {
  readonly mode: string;
  readonly granted: boolean;
  readonly from: number;
  readonly to: number;
}

/** What the server's log says of waits of the application for the users table, each longer than the budget. */
export interface LoggedWaits {
  readonly count: number;
  /** In milliseconds. */
  readonly longest: number;
}

/** How the change itself went; times in milliseconds since the traffic began. */
export interface ActionRun {
  readonly from: number;
  readonly to: number;
  readonly seconds: number;
  /** Without the time spent waiting for transactions of others. */
  readonly ownSeconds: number;
  readonly exitCode: number | null;
  /** In MB. */
  readonly memory: number | null;
  /** What it printed, where it failed. */
  readonly failure: string | null;
  /** The codes of the warnings that it printed. */
  readonly warnings: readonly string[];
}

/** What the standby went through. */
export interface StandbyRun {
  readonly latency: LatencySummary;
  readonly errors: Readonly<Record<string, number>>;
  /** The longest that replay was behind, in milliseconds. */
  readonly longestDelay: number;
  /** The same before the change began. */
  readonly delayBefore: number;
}

/** One run. */
export interface RunResult {
  readonly profile: string;
  readonly action: Action;
  readonly repeat: number;
  readonly seconds: number;
  readonly latency: LatencySummary;
  /** The same, of what was due while the change went on; null when idle. */
  readonly during: LatencySummary | null;
  readonly slowest: { readonly statement: string; readonly at: number; readonly milliseconds: number } | null;
  /** By statement and SQLSTATE: `read 57014`. */
  readonly errors: Readonly<Record<string, number>>;
  /** The longest that the load generator itself came too late, in milliseconds. */
  readonly generatorDelay: number;
  readonly locks: LockWatch;
  readonly logged: LoggedWaits;
  readonly change: ActionRun | null;
  /** The report that was open: from, to. */
  readonly report: { readonly from: number; readonly to: number } | null;
  readonly standby: StandbyRun | null;
  readonly timeline: readonly LatencyPoint[];
}

/** Everything that was measured, and on what. */
export interface BenchResults {
  readonly date: string;
  readonly machine: string;
  readonly node: string;
  readonly postgres: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly options: BenchOptions;
  readonly budget: number;
  readonly runs: readonly RunResult[];
}
