import type { Spread } from "../tokens/percentiles.ts";
import type { HttpBenchOptions } from "./options.ts";

/** What is asked for, again and again. */
export const TASKS = ["refresh", "profile"] as const;

/** One of them: a session's next tokens, or a change of the person's own name. */
export type Task = (typeof TASKS)[number];

/** Who answers. */
export type Product = "authgraft" | "better-auth";

/** What came of one run of one product. */
export interface RateRun {
  readonly task: Task;
  readonly product: Product;
  readonly repeat: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly spread: Spread;
  readonly failed: number;
}

/** What is asked for while PostgreSQL is restarted. */
export const KINDS = ["me", "refresh", "profile", "login"] as const;

/** One of them. */
export type Kind = (typeof KINDS)[number];

/** What came of one restart under load. */
export interface RestartRun {
  readonly repeat: number;
  readonly asked: number;
  readonly unavailable: number;
  /** 200 or 401 for what could not be decided, and anything else that is neither a success nor a 503. */
  readonly wrong: number;
  /** Milliseconds that the slowest waited to hear that nobody can tell. */
  readonly slowestUnavailable: number;
  /** Milliseconds from when the database took connections again until every request was answered with success. */
  readonly servedAfter: number;
}

/** Everything that was measured, and on what. */
export interface HttpBenchResults {
  readonly date: string;
  readonly machine: string;
  readonly betterAuth: string;
  readonly options: HttpBenchOptions;
  readonly connections: number;
  readonly stolen: number | null;
  readonly rates: readonly RateRun[];
  readonly restarts: readonly RestartRun[];
}
