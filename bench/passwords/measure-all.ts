import { randomBytes } from "node:crypto";
import { cpus, totalmem } from "node:os";
import { type DatabaseServer, startDatabaseServer } from "../../scripts/support/database-server.ts";
import { installBetterAuth } from "./install-better-auth.ts";
import { measureChecks, measureLogins, measurePool, RATE, type RunSettings } from "./measure.ts";
import { type BenchOptions, WARM_UP } from "./options.ts";
import { type People, type Subject, startBetterAuth, startOurs } from "./products.ts";
import type { BenchResults, CheckRun, ThroughputRun } from "./results.ts";

const USERS = 5_000;

/** Enough that no thread waits for the next login, few enough that the queue is no matter. */
const CONCURRENCY = 16;

/** How many sign in at a time while sessions are checked. */
const LEVELS = [0, 50, 200];

/** The throughput is measured in more and shorter runs: a ratio of two of them is what counts. */
const THROUGHPUT_REPEATS = 5;

/** What comes between two runs, in seconds; measured roughly, for the estimate. */
const BETWEEN = 2;

/** What better-auth takes in a repeat to answer the logins that are under way at the end of a run, in seconds. */
const DRAINING = 20;

/** Measures everything, and takes everything away again, also when it is stopped. */
export async function measureAll(
  options: BenchOptions,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<BenchResults> {
  const betterAuth = await installBetterAuth(say);
  say(`about ${estimate(options)} minutes`);
  const database = await startDatabaseServer(true);
  const password = randomBytes(9).toString("base64url");
  const subjects: Subject[] = [];
  try {
    for (const subject of await startBoth(database, { users: USERS, password })) subjects.push(subject);
    const settings = { seconds: options.seconds, password, signal };
    const throughput = await measureThroughput(ours(subjects), options, settings, say);
    const checks = await measureSessions(subjects, options.repeats, settings, say);
    const measured = { users: USERS, rate: RATE, concurrency: CONCURRENCY, throughput, checks };
    return { ...surroundings(), postgres: database.version, betterAuth, options, ...measured };
  } finally {
    for (const { server } of subjects) await server.stop();
    await database.remove();
  }
}

async function startBoth(database: DatabaseServer, people: People): Promise<Subject[]> {
  return [await startOurs(database, people), await startBetterAuth(database, people)];
}

function ours(subjects: readonly Subject[]): Subject {
  const found = subjects.find(({ product }) => product === "authgraft");
  if (found === undefined) throw new Error("authgraft does not run");
  return found;
}

async function measureThroughput(
  subject: Subject,
  { seconds, repeats }: BenchOptions,
  settings: RunSettings,
  say: (line: string) => void,
): Promise<ThroughputRun[]> {
  const runs: ThroughputRun[] = [];
  const shorter = { ...settings, seconds: Math.max(1, Math.round(seconds / 2)) };
  for (let repeat = 1; repeat <= Math.max(repeats, THROUGHPUT_REPEATS); repeat++) {
    const pool = await measurePool(CONCURRENCY, shorter);
    const http = await measureLogins(subject, CONCURRENCY, shorter);
    runs.push({ repeat, pool, http });
    say(
      `throughput #${repeat}: ${pool.perSecond.toFixed(1)} by the pool, ${http.perSecond.toFixed(1)} over HTTP`,
    );
  }
  return runs;
}

async function measureSessions(
  subjects: readonly Subject[],
  repeats: number,
  settings: RunSettings,
  say: (line: string) => void,
): Promise<CheckRun[]> {
  const runs: CheckRun[] = [];
  for (let repeat = 1; repeat <= repeats; repeat++) {
    for (const concurrency of LEVELS) {
      for (const subject of subjects) {
        const run = await measureChecks(subject, concurrency, repeat, settings);
        runs.push(run);
        say(describeRun(run));
      }
    }
  }
  return runs;
}

function describeRun({ product, concurrency, repeat, checks, logins, stolen }: CheckRun): string {
  return (
    `${product} with ${concurrency} logins #${repeat}: p50 ${checks.p50.toFixed(1)} ms, p99 ${checks.p99.toFixed(1)} ms, ` +
    `slowest ${checks.slowest.toFixed(1)} ms, ${checks.failed} failed, sent late by ${checks.lateness.toFixed(1)} ms, ` +
    `${(100 * (stolen ?? 0)).toFixed(1)} % stolen` +
    (logins === null
      ? ""
      : `; ${logins.perSecond.toFixed(1)} logins/s, ${logins.refused} refused, ${logins.failed} failed`)
  );
}

function estimate({ seconds, repeats }: BenchOptions): number {
  const shorter = 2 * Math.max(repeats, THROUGHPUT_REPEATS) * (seconds / 2 + WARM_UP + BETWEEN);
  const longer = 2 * LEVELS.length * repeats * (seconds + WARM_UP + BETWEEN);
  return Math.ceil((shorter + longer + repeats * DRAINING) / 60);
}

function surroundings() {
  const [first] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} × ${first?.model.trim() ?? "unknown"}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.versions.node,
  };
}
