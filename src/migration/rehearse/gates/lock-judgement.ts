import type { DownResult } from "../../down.ts";
import type { UpResult } from "../../up.ts";
import type { Timeline } from "../rehearsal.ts";
import type { TrafficError, TrafficReport } from "../traffic/report.ts";
import { round } from "./gate-record.ts";
import { WRITE } from "./lock-traffic.ts";
import { count, failed, inWords, type Outcome, shorten } from "./outcome.ts";
import { saidBy } from "./said.ts";
import type { Period, WatchedLocks } from "./watch-locks.ts";

/** What `up` and `down` under traffic came to. */
export interface Measured {
  readonly spans: Timeline["spans"];
  readonly up: Pick<UpResult, "state" | "refusals" | "locks">;
  readonly down: Pick<DownResult, "state" | "refusals" | "locks"> | null;
  readonly traffic: TrafficReport;
  readonly watched: WatchedLocks;
  /** The errors of the same traffic by itself; only looked for where there were any. */
  readonly errorsAlone: readonly TrafficError[];
}

/** A query that may have waited while nobody looked, in milliseconds. */
export interface Unseen {
  readonly gap: number;
  readonly latency: number;
}

/**
 * The slowest query that may have waited behind Authgraft for longer than the budget while nobody looked, or null. A
 * wait that was not over at the next look was measured then, so one that went unseen lies in the gap as a whole.
 */
export function unseen(budget: number, measured: Measured): Unseen | null {
  const { watched, traffic, spans } = measured;
  // What was seen decides already.
  if (longestWait(measured) > budget) return null;
  const ours = spans.filter(({ label }) => label === "up" || label === "down");
  const gaps = watched.gaps.filter((gap) => ours.some((span) => overlap(span, gap) > 0));
  let slowest: Unseen | null = null;
  for (const [place, latency] of traffic.samples.latency.entries()) {
    if (latency <= Math.max(budget, slowest?.latency ?? 0)) continue;
    const from = traffic.startedAt + (traffic.samples.at[place] ?? 0);
    const gap = gaps.find((one) => overlap(one, { from, to: from + latency }) > budget);
    if (gap !== undefined) slowest = { gap: gap.to - gap.from, latency };
  }
  return slowest;
}

function overlap(left: Period, right: Period): number {
  return Math.min(left.to, right.to) - Math.max(left.from, right.from);
}

/** What was measured, against the budget in milliseconds. */
export function judge(budget: number, measured: Measured): Outcome<true> {
  const { up, down, traffic, watched } = measured;
  const evidence = evidenceOf(budget, measured);
  if (up.state !== "applied")
    return failed(`up was refused under traffic. ${inWords(up.refusals)}`, evidence);
  if (down?.state === "refused")
    return failed(`down was refused under traffic. ${inWords(down.refusals)}`, evidence);
  const errors = newErrors(measured).map(inOneLine);
  if (errors.length > 0) return failed(`Queries failed while up and down ran: ${shorten(errors)}.`, evidence);
  const longest = longestWait(measured);
  const waited = `The longest that one of ${count(traffic.total.count, "query", "queries")} was seen waiting behind Authgraft is ${longest.toFixed(1)} ms`;
  const slowest = `slowest query ${traffic.total.slowest.toFixed(1)} ms, p99 ${traffic.total.p99.toFixed(1)} ms`;
  if (longest > budget) {
    const detail = `${waited} (for ${watched.longestWaitFor ?? "a lock"}), and ${budget} ms are allowed; ${slowest}. Something makes Authgraft's statements slow under their locks (an event trigger?), or this machine is too busy to tell.`;
    return failed(detail, evidence);
  }
  const missed = unseen(budget, measured);
  if (missed !== null) {
    const detail = `It could not be measured, twice: for ${missed.gap.toFixed(0)} ms nobody could look, and a query took ${missed.latency.toFixed(0)} ms meanwhile, of ${budget} ms allowed. This machine is too busy to tell; run it again on one that is less so.`;
    return failed(detail, evidence);
  }
  const detail = `${waited}, of ${budget} ms allowed, with a report open; ${slowest}, ${noneFailed(measured)}.${reservations(measured)}`;
  return { passed: true, detail, evidence, value: true };
}

/** Seen by the rehearsal, and by the runs themselves. */
function longestWait({ up, down, watched }: Measured): number {
  return Math.max(
    watched.longestWait,
    up.locks.longest_blocked_ms,
    down === null ? 0 : down.locks.longest_blocked_ms,
  );
}

/** Errors that the traffic by itself does not meet, or not half as often: the times are the same. */
function newErrors({ traffic, errorsAlone }: Measured): TrafficError[] {
  return traffic.errors.filter((error) => {
    const alone = errorsAlone.find(
      ({ code, statement }) => code === error.code && statement === error.statement,
    );
    return error.count > 2 * (alone?.count ?? 0);
  });
}

function inOneLine(error: TrafficError): string {
  return `${error.statement}: ${saidBy(error)} (${error.count} times)`;
}

function noneFailed({ traffic }: Measured): string {
  return traffic.errors.length === 0 ? "none failed" : "none failed that does not fail without Authgraft";
}

function reservations({ traffic, watched }: Measured): string {
  const writes = traffic.statements.some(({ name }) => name === WRITE);
  const readOnly = writes
    ? ""
    : " Rows were only read: the application keeps its users from being written here.";
  const gap = Math.max(0, ...watched.gaps.map(({ from, to }) => to - from));
  return gap === 0
    ? readOnly
    : `${readOnly} This machine was busy: for up to ${gap.toFixed(0)} ms at a time nobody looked.`;
}

function evidenceOf(budget: number, measured: Measured): Outcome<true>["evidence"] {
  const { up, down, traffic, watched, errorsAlone } = measured;
  const { median, p99, p999, slowest } = traffic.total;
  const told = (errors: readonly TrafficError[]) =>
    errors.map((error) => ({ ...error, message: saidBy(error) }));
  return {
    budgetMilliseconds: budget,
    longestWaitMilliseconds: round(longestWait(measured)),
    longestWaitFor: watched.longestWaitFor,
    looks: watched.looks,
    longestGapMilliseconds: round(watched.longestGap),
    queries: traffic.total.count,
    statements: traffic.statements.flatMap(({ name, count: sent }) => (sent > 0 ? [name] : [])),
    errors: told(traffic.errors),
    errorsWithoutAuthgraft: told(errorsAlone),
    latency: { median: round(median), p99: round(p99), p999: round(p999), slowest: round(slowest) },
    up: up.locks,
    down: down?.state ?? null,
    downLocks: down?.locks ?? null,
  };
}
