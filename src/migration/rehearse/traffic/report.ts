import type { TrafficStatement } from "./options.ts";
import { type LatencyPoint, type LatencySummary, type Samples, summarise, timelineOf } from "./samples.ts";

/** An error that statements met, and how many did. */
export interface TrafficError {
  /** The SQLSTATE, or `connection` where the connection itself failed. */
  readonly code: string;
  readonly statement: string;
  readonly count: number;
  /** What PostgreSQL said the first time. */
  readonly message: string;
}

/** What the worker hands over at the end. */
export interface TrafficRecord {
  /** When the first was due, in milliseconds since 1970, with fractions. */
  readonly startedAt: number;
  readonly seconds: number;
  readonly samples: Samples;
  readonly errors: readonly TrafficError[];
  /** The longest that the generator itself was held up, in milliseconds: so much of a latency may be its own. */
  readonly longestDelay: number;
}

/** What the played application went through; latencies in milliseconds, counted from when a statement was due. */
export interface TrafficReport extends TrafficRecord {
  readonly total: LatencySummary;
  /** By statement, in the order they were given in; `commit` besides, for transactions. */
  readonly statements: readonly (LatencySummary & { readonly name: string; readonly errors: number })[];
  /** The slowest of all: which, and when it was due. */
  readonly slowest: { readonly statement: string; readonly at: number; readonly milliseconds: number } | null;
  /** One point for every 100 ms. */
  readonly timeline: readonly LatencyPoint[];
}

const BUCKET = 100;

/** The place of COMMIT among the statements: behind the last. */
export function namesOf(statements: readonly TrafficStatement[]): string[] {
  return [...statements.map((statement) => statement.name), "commit"];
}

/** Works a record out. */
export function reportOf(record: TrafficRecord, statements: readonly TrafficStatement[]): TrafficReport {
  const { samples, errors } = record;
  const names = namesOf(statements);
  return {
    ...record,
    total: summarise(samples.latency),
    statements: names.map((name, place) => ({
      name,
      ...summarise(samples.latency.filter((_, index) => samples.statement[index] === place)),
      errors: errors.filter((error) => error.statement === name).reduce((sum, { count }) => sum + count, 0),
    })),
    slowest: slowestOf(samples, names),
    timeline: timelineOf(samples, BUCKET),
  };
}

function slowestOf({ at, latency, statement }: Samples, names: readonly string[]): TrafficReport["slowest"] {
  if (latency.length === 0) return null;
  const place = latency.reduce((best, value, index) => (value > (latency[best] ?? 0) ? index : best), 0);
  return {
    statement: names[statement[place] ?? 0] ?? "",
    at: at[place] ?? 0,
    milliseconds: latency[place] ?? 0,
  };
}
