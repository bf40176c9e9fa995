import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "../../../postgres/client.ts";
import { qualify } from "../../../postgres/identifiers.ts";
import type { Relation } from "../../../users-table/relation.ts";
import { down } from "../../down.ts";
import type { UpResult } from "../../up.ts";
import { up } from "../../up.ts";
import type { Timeline } from "../rehearsal.ts";
import { startTraffic, type Traffic } from "../traffic/start-traffic.ts";
import { round } from "./gate-record.ts";
import { judge, type Measured, unseen } from "./lock-judgement.ts";
import { userTraffic } from "./lock-traffic.ts";
import type { Outcome } from "./outcome.ts";
import { factsOf, type Restored, type Room, runOptions } from "./room.ts";
import { now, watchLocks } from "./watch-locks.ts";

const RATE = 200;
const CONNECTIONS = 5;

/** Milliseconds of the traffic alone, and of the report that holds the table open while `up` and `down` ask for it. */
export interface LockTimes {
  readonly alone: number;
  readonly reportOverUp: number;
  readonly reportOverDown: number;
}

const TIMES: LockTimes = { alone: 400, reportOverUp: 2_000, reportOverDown: 1_000 };

/** Milliseconds that the report has before Authgraft begins. */
const HEAD_START = 100;

/** Nobody else is on the copy: what cannot be had there in a minute cannot be had. */
const DEADLINE_SECONDS = 60;

interface Played {
  readonly spans: Timeline["spans"];
  readonly up: UpResult;
  readonly down: Awaited<ReturnType<typeof down>> | null;
}

interface Measurement extends Measured {
  readonly spans: Timeline["spans"];
}

/** `up` and `down` under traffic, while a report holds the table open; who waited behind Authgraft, and for how long. */
export async function lockBudgetGate(
  room: Room,
  restored: Restored,
  onTimeline: (timeline: Timeline) => void,
  times = TIMES,
): Promise<Outcome<true>> {
  const budget = room.configuration.lock.budgetMilliseconds;
  let measured = await measureOnCopy(room, restored, times);
  // A machine that is busy once may be less so a second time.
  if (unseen(budget, measured) !== null) measured = await measureOnCopy(room, restored, times);
  onTimeline(timelineOf(measured));
  return judge(budget, measured);
}

/** With errors, the same traffic again for as long by itself: what fails then too is the application's own. */
async function measureOnCopy(room: Room, restored: Restored, times: LockTimes): Promise<Measurement> {
  const measured = await onCopy(room, restored, (url, users) =>
    measure(withDeadline(room), url, users, times),
  );
  const { errors, seconds } = measured.traffic;
  if (errors.length === 0) return measured;
  const alone = await onCopy(room, restored, async (url, users) => {
    const traffic = await begin(room, url, users);
    await wait(room, seconds * 1_000).catch(async (error: unknown) => {
      await traffic.stop();
      throw error;
    });
    return traffic.stop();
  });
  return { ...measured, errorsAlone: alone.errors };
}

async function onCopy<Result>(
  { databases }: Room,
  { url: restored, situation }: Restored,
  work: (url: string, users: Relation) => Promise<Result>,
): Promise<Result> {
  const url = await databases.copyOf(restored);
  return work(url, situation.users).finally(() => databases.drop(url));
}

function withDeadline(room: Room): Room {
  const { lock } = room.configuration;
  const deadlineSeconds = Math.min(lock.deadlineSeconds, DEADLINE_SECONDS);
  return { ...room, configuration: { ...room.configuration, lock: { ...lock, deadlineSeconds } } };
}

async function begin(room: Room, url: string, users: Relation): Promise<Traffic> {
  return startTraffic({
    databaseUrl: room.databases.actingUrl(url),
    statements: await room.databases.acting(url, (client) => userTraffic(client, users)),
    ...{ ratePerSecond: RATE, connections: CONNECTIONS, prepared: true },
    applicationName: "authgraft rehearsal traffic",
  });
}

async function measure(room: Room, url: string, restored: Relation, times: LockTimes): Promise<Measurement> {
  const { users } = await factsOf(room, url);
  const watcher = await room.databases.connectToLook(url);
  const traffic = await begin(room, url, restored);
  const watch = watchLocks(watcher, users.oid, room.configuration.lock.budgetMilliseconds);
  try {
    const played = await play(room, url, users, times);
    const watched = await watch.stop();
    return { ...played, watched, traffic: await traffic.stop(), errorsAlone: [] };
  } finally {
    await watch.stop().catch(() => undefined);
    await traffic.stop().catch(() => undefined);
    await watcher.end();
  }
}

async function play(room: Room, url: string, users: Relation, times: LockTimes): Promise<Played> {
  const spans: { label: string; from: number; to: number }[] = [];
  const span = async <Result>(label: string, work: () => Promise<Result>): Promise<Result> => {
    const from = now();
    return work().finally(() => spans.push({ label, from, to: now() }));
  };
  await wait(room, times.alone);
  const under = <Result>(milliseconds: number, work: () => Promise<Result>) =>
    underReport(room, url, users, milliseconds, span, work);
  const upResult = await under(times.reportOverUp, () => span("up", () => up(runOptions(room, url))));
  if (upResult.state !== "applied") return { spans, up: upResult, down: null };
  const downResult = await under(times.reportOverDown, () => span("down", () => down(runOptions(room, url))));
  return { spans, up: upResult, down: downResult };
}

/** Runs `work` while a report reads the table in one transaction, for so many milliseconds. */
async function underReport<Result>(
  room: Room,
  url: string,
  users: Relation,
  milliseconds: number,
  span: <Value>(label: string, work: () => Promise<Value>) => Promise<Value>,
  work: () => Promise<Result>,
): Promise<Result> {
  const client = await room.databases.connectToAct(url);
  const began = await beginReport(client, users);
  const report = span("open report", async () => {
    await wait(room, Math.max(0, milliseconds - (performance.now() - began))).finally(() => client.end());
  });
  try {
    await wait(room, HEAD_START);
    return await work();
  } finally {
    await report.catch(() => undefined);
  }
}

/** Waits; an interruption is thrown. */
async function wait({ signal }: Room, milliseconds: number): Promise<void> {
  await pause(milliseconds, undefined, signal === undefined ? {} : { signal });
}

async function beginReport(client: Client, users: Relation): Promise<number> {
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
  await client.query(`SELECT count(*) FROM ${qualify(users.schema, users.name)}`);
  return performance.now();
}

function timelineOf({ traffic, watched, spans }: Measurement): Timeline {
  const since = (moment: number) => Math.max(0, round(moment - traffic.startedAt));
  const shift = <Item extends { readonly from: number; readonly to: number }>(item: Item) => ({
    ...item,
    from: since(item.from),
    to: since(item.to),
  });
  return {
    seconds: round(traffic.seconds),
    locks: watched.locks.map(shift),
    latency: traffic.timeline.map(({ at, median, slowest }) => ({
      at,
      median: round(median),
      slowest: round(slowest),
    })),
    spans: spans.map(shift),
  };
}
