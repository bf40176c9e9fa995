import { setTimeout as sleep } from "node:timers/promises";
import { summariseBetween } from "../../src/migration/rehearse/traffic/samples.ts";
import { startTraffic } from "../../src/migration/rehearse/traffic/start-traffic.ts";
import { act } from "./actions.ts";
import type { Cluster } from "./cluster.ts";
import { errorsOf } from "./errors-of.ts";
import { loggedWaits } from "./lock-log.ts";
import { LockSampler } from "./lock-sampler.ts";
import { openReport, REPORT_SECONDS } from "./open-report.ts";
import type { Action, Profile } from "./profiles.ts";
import type { ActionRun, LockWatch, RunResult } from "./results.ts";
import { watchStandby } from "./standby.ts";
import { standbyTraffic, trafficOf } from "./statements.ts";

/** One run, as it is asked for. */
export interface RunRequest {
  readonly profile: Profile;
  readonly action: Action;
  readonly repeat: number;
  readonly rows: number;
  readonly seconds: number;
  readonly cluster: Cluster;
  readonly standby: Cluster | null;
  readonly signal: AbortSignal;
}

/** A span, in milliseconds since the traffic began. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** For so long the traffic runs before anything happens, so that what comes before can be seen, in milliseconds. */
const LEAD = 5_000;

/** Plays the traffic, makes the change in its midst, and measures what came of it. */
export async function runOnce(request: RunRequest): Promise<RunResult> {
  const { profile, action, repeat, rows, cluster, standby, seconds, signal } = request;
  const logBefore = (await cluster.log()).length;
  const traffic = await startTraffic(trafficOf(profile, rows, cluster.applicationUrl, repeat + 1));
  const begun = performance.timeOrigin + performance.now();
  const now = () => performance.timeOrigin + performance.now() - begun;
  const sampler = await LockSampler.start(cluster.superuserUrl, begun);
  const watched =
    standby === null
      ? null
      : await watchStandby(
          standbyTraffic(profile, rows, standby.applicationUrl, repeat + 1),
          standby.superuserUrl,
          begun,
        );
  let change: Omit<ActionRun, "ownSeconds"> | null = null;
  let report: Span | null = null;
  try {
    const lead = Math.min(LEAD, seconds * 200);
    const held = withReport(request, lead, now);
    // It may fail first, and is waited for last.
    held.catch(() => undefined);
    await sleep(lead + (profile.report === undefined ? 0 : 500), undefined, { signal });
    if (action !== "idle") change = await timedChange(request, action, now);
    report = await held;
    await sleep(Math.max(1_000, seconds * 1_000 - now()), undefined, { signal });
  } catch (error) {
    // Nothing is left running.
    await Promise.allSettled([traffic.stop(), sampler.stop(null), watched?.stop(0)]);
    throw error;
  }
  const record = await traffic.stop();
  const locks = await sampler.stop(change);
  const offset = begun - record.startedAt;
  return {
    profile: profile.name,
    action,
    repeat,
    seconds: record.seconds,
    latency: record.total,
    during:
      change === null ? null : summariseBetween(record.samples, change.from + offset, change.to + offset),
    slowest: record.slowest,
    errors: errorsOf(record),
    generatorDelay: record.longestDelay,
    locks,
    logged: loggedWaits((await cluster.log()).slice(logBefore)),
    change:
      change === null
        ? null
        : { ...change, ownSeconds: ownSeconds(change, profile.report === "primary" ? report : null, locks) },
    report,
    standby: watched === null ? null : await watched.stop(change?.from ?? 0),
    timeline: record.timeline,
  };
}

async function timedChange(
  { profile, cluster, signal }: RunRequest,
  action: Exclude<Action, "idle">,
  now: () => number,
): Promise<Omit<ActionRun, "ownSeconds">> {
  const from = now();
  const outcome = await act(action, profile, cluster, signal);
  const to = now();
  return { from, to, seconds: (to - from) / 1_000, ...outcome };
}

async function withReport(
  { profile, cluster, standby, signal }: RunRequest,
  lead: number,
  now: () => number,
): Promise<Span | null> {
  const where = profile.report === "standby" ? standby : cluster;
  if (profile.report === undefined || where === null) return null;
  await sleep(lead, undefined, { signal });
  const from = now();
  await openReport(where.applicationUrl, signal);
  return { from, to: Math.max(now(), from + REPORT_SECONDS * 1_000) };
}

/** A change cannot be through before the report is; what it did until then was waiting. */
function ownSeconds(change: Span, report: Span | null, locks: LockWatch): number {
  const behindReport = report === null ? 0 : Math.max(0, Math.min(report.to, change.to) - change.from);
  const waited = report === null ? locks.waiting : behindReport;
  return Math.max(0, change.to - change.from - waited) / 1_000;
}
