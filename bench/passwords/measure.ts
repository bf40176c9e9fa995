import { setTimeout as sleep } from "node:timers/promises";
import { type Child, startChild, type Window } from "./load/child.ts";
import type { EndCounts } from "./load/count-ends.ts";
import type { LoginLoad } from "./load/logins.ts";
import type { PoolLoad } from "./load/pool-alone.ts";
import type { CheckLatency, CheckLoad } from "./load/session-checks.ts";
import { WARM_UP } from "./options.ts";
import type { Subject } from "./products.ts";
import type { CheckRun } from "./results.ts";
import { watchStolenTime } from "./stolen-time.ts";

/** How a run is made. */
export interface RunSettings {
  readonly seconds: number;
  readonly password: string;
  readonly signal: AbortSignal;
}

/** Session checks a second, and how many people send them. */
export const RATE = 50;
const SIGNED_IN = 20;

const LOAD = {
  logins: new URL("./load/logins.ts", import.meta.url),
  checks: new URL("./load/session-checks.ts", import.meta.url),
  pool: new URL("./load/pool-alone.ts", import.meta.url),
};

/** Verifications a second of the pool alone, so many of them asked for at a time. */
export async function measurePool(concurrency: number, settings: RunSettings): Promise<EndCounts> {
  const load: PoolLoad = { password: settings.password, concurrency };
  return run(await startChild<PoolLoad, EndCounts>(LOAD.pool, load), settings);
}

/** Logins a second over HTTP, so many at a time. */
export async function measureLogins(
  subject: Subject,
  concurrency: number,
  settings: RunSettings,
): Promise<EndCounts> {
  return run(await startLogins(subject, concurrency, settings), settings);
}

/** Session checks, while so many sign in at a time. */
export async function measureChecks(
  subject: Subject,
  concurrency: number,
  repeat: number,
  settings: RunSettings,
): Promise<CheckRun> {
  // They sign in first: while others already do they would have to wait for it.
  const checking = await startChecks(subject, settings);
  const signingIn = concurrency === 0 ? null : await startLogins(subject, concurrency, settings);
  const window = windowOf(settings);
  const stolen = await watchStolenTime();
  const [checks, logins] = await Promise.all([
    run(checking, settings, window),
    signingIn === null ? null : run(signingIn, settings, window),
  ]);
  return { product: subject.product, concurrency, repeat, checks, logins, stolen: await stolen() };
}

function startLogins({ server, loginPath, emails }: Subject, concurrency: number, { password }: RunSettings) {
  const load = { origin: server.origin, path: loginPath, emails, password, concurrency };
  return startChild<LoginLoad, EndCounts>(LOAD.logins, load);
}

function startChecks(subject: Subject, { password }: RunSettings) {
  const { server, loginPath, checkPath, proof, emails } = subject;
  return startChild<CheckLoad, CheckLatency>(LOAD.checks, {
    ...{ origin: server.origin, loginPath, path: checkPath, proof, password, rate: RATE },
    // Not those who sign in first.
    emails: emails.slice(-SIGNED_IN),
  });
}

function windowOf({ seconds }: RunSettings): Window {
  const start = Date.now() + 200;
  const from = start + WARM_UP * 1_000;
  return { start, from, to: from + seconds * 1_000 };
}

async function run<Result>(
  child: Child<Result>,
  settings: RunSettings,
  window: Window = windowOf(settings),
): Promise<Result> {
  const { signal } = settings;
  signal.throwIfAborted();
  signal.addEventListener("abort", child.kill);
  try {
    const result = await child.run(window);
    // What was held back meanwhile, such as the database's writes, is not the next run's.
    await sleep(500);
    return result;
  } finally {
    signal.removeEventListener("abort", child.kill);
    child.kill();
  }
}
