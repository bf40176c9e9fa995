import type { Timeline } from "../../migration/rehearse/rehearsal.ts";

/** One moment of the traffic. */
export type LatencyPoint = Timeline["latency"][number];

/** What was held or asked for, in milliseconds from the beginning. */
export type LockSpan = Timeline["locks"][number];

/** What locks of one mode came to. */
export interface LockFigures {
  /** As PostgreSQL's documentation writes it: `ACCESS EXCLUSIVE`. */
  readonly mode: string;
  readonly spans: readonly LockSpan[];
  readonly held: SpanFigures;
  readonly asked: SpanFigures;
}

/** How often, and in milliseconds how long at most and in all. */
export interface SpanFigures {
  readonly count: number;
  readonly longest: number;
  readonly total: number;
}

/** See https://www.postgresql.org/docs/current/explicit-locking.html, from the weakest to the strongest. */
const STRENGTH = [
  "ACCESS SHARE",
  "ROW SHARE",
  "ROW EXCLUSIVE",
  "SHARE UPDATE EXCLUSIVE",
  "SHARE",
  "SHARE ROW EXCLUSIVE",
  "EXCLUSIVE",
  "ACCESS EXCLUSIVE",
];

/** The modes of a timeline, the strongest first. */
export function locksByMode({ locks }: Timeline): LockFigures[] {
  const modes = Map.groupBy(locks, ({ mode }) => modeWords(mode));
  return [...modes]
    .toSorted(([one], [other]) => STRENGTH.indexOf(other) - STRENGTH.indexOf(one))
    .map(([mode, spans]) => ({
      mode,
      spans,
      held: figuresOf(spans.filter(({ granted }) => granted)),
      asked: figuresOf(spans.filter(({ granted }) => !granted)),
    }));
}

/** Whether a mode stands in the way of writes. */
export function isStrong(mode: string): boolean {
  return STRENGTH.indexOf(mode) > STRENGTH.indexOf("SHARE UPDATE EXCLUSIVE");
}

/** `AccessExclusiveLock`, as pg_locks has it, is `ACCESS EXCLUSIVE` everywhere else. */
function modeWords(mode: string): string {
  if (!/^[A-Z][a-zA-Z]+Lock$/.test(mode)) return mode;
  return mode
    .slice(0, -"Lock".length)
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ")
    .toUpperCase();
}

function figuresOf(spans: readonly LockSpan[]): SpanFigures {
  const lengths = spans.map(({ from, to }) => to - from);
  return {
    count: spans.length,
    longest: lengths.reduce((one, other) => Math.max(one, other), 0),
    total: lengths.reduce((one, other) => one + other, 0),
  };
}

/** The slowest query of the traffic; undefined where there was none. */
export function slowestPoint({ latency }: Timeline): LatencyPoint | undefined {
  return latency.reduce<LatencyPoint | undefined>(
    (found, point) => (found === undefined || point.slowest > found.slowest ? point : found),
    undefined,
  );
}

/** As many moments as asked for at most: neighbours become one, of their middle median and their slowest. */
export function thinOut(latency: readonly LatencyPoint[], most: number): LatencyPoint[] {
  const size = Math.ceil(latency.length / most);
  if (size <= 1) return [...latency];
  return Array.from({ length: Math.ceil(latency.length / size) }, (_, index) =>
    joined(latency.slice(index * size, (index + 1) * size)),
  );
}

function joined(points: readonly LatencyPoint[]): LatencyPoint {
  const medians = points.map(({ median }) => median).toSorted((one, other) => one - other);
  return {
    at: points[0]?.at ?? 0,
    median: medians[Math.floor(medians.length / 2)] ?? 0,
    slowest: points.reduce((most, { slowest }) => Math.max(most, slowest), 0),
  };
}

/** When the last thing of a timeline ended, in milliseconds. */
export function endOf({ seconds, locks, latency, spans }: Timeline): number {
  const ends = [...locks, ...spans].map(({ to }) => to);
  return [seconds * 1_000, ...ends, ...latency.map(({ at }) => at)].reduce((a, b) => Math.max(a, b), 1);
}
