import { setTimeout as sleep } from "node:timers/promises";
import { type Application, makeApplication, signIn } from "./application.ts";
import { type Child, startChild } from "./child.ts";
import type { FollowerOptions, Watched } from "./children/follower.ts";
import type { Measuring } from "./measuring.ts";
import { type Spread, spreadOf } from "./percentiles.ts";

/** How processes follow and look, and how many they are, the one that people sign out in among them. */
export interface LagSetting {
  readonly processes: number;
  readonly listen: boolean;
  readonly isBusy: boolean;
}

/** Milliseconds from a logout's COMMIT until the last of the other processes refuses its token. */
export interface LagRun extends LagSetting {
  readonly logouts: number;
  readonly lag: Spread;
}

/** What came of it. */
export interface LagResults {
  readonly runs: readonly LagRun[];
}

const LOGOUTS = 1_000;

/** Fewer where each takes longer. */
const LOGOUTS_OF_OTHERS = 100;

/** Milliseconds between two looks of one that does not listen: a logout is to come at any moment of them. */
const LOOKING = 250;

/** Logouts before those that count. */
const WARM_UP = 20;

/** In an order in which processes are only added, for those that listen and for those that do not. */
const SETTINGS: readonly LagSetting[] = [
  { processes: 2, listen: true, isBusy: false },
  { processes: 2, listen: true, isBusy: true },
  { processes: 8, listen: true, isBusy: false },
  { processes: 8, listen: true, isBusy: true },
  { processes: 2, listen: false, isBusy: false },
  { processes: 8, listen: false, isBusy: false },
];

const SIGNER_OUT = new URL("./children/signer-out.ts", import.meta.url);
const FOLLOWER = new URL("./children/follower.ts", import.meta.url);

/** Measures how long after a logout its token is refused everywhere else. */
export async function measureLag(measuring: Measuring): Promise<LagResults> {
  const application = await makeApplication(measuring.database, "lag");
  const signerOut = await startChild(SIGNER_OUT, application, measuring.signal);
  try {
    const runs: LagRun[] = [];
    for (const listen of [true, false])
      runs.push(...(await measureKind(measuring, application, signerOut, listen)));
    return { runs };
  } finally {
    await signerOut.stop();
  }
}

async function measureKind(
  { options, signal, say }: Measuring,
  application: Application,
  signerOut: Child,
  listen: boolean,
): Promise<LagRun[]> {
  const { url, secret } = application;
  const following: FollowerOptions = { url, secret, listen };
  const followers: Child[] = [];
  const runs: LagRun[] = [];
  try {
    for (const setting of SETTINGS.filter((one) => one.listen === listen)) {
      while (followers.length < setting.processes - 1)
        followers.push(await startChild(FOLLOWER, following, signal));
      const isMain = listen && !setting.isBusy;
      const logouts = (isMain ? LOGOUTS : LOGOUTS_OF_OTHERS) / (options.quick ? 10 : 1);
      const tokens = await signIn(application, WARM_UP + logouts);
      const lag = spreadOf(await measureSetting(signerOut, followers, setting, tokens));
      runs.push({ ...setting, logouts, lag });
      say(describe(setting, lag));
    }
    return runs;
  } finally {
    for (const follower of followers) await follower.stop();
  }
}

function describe({ processes, listen, isBusy }: LagSetting, lag: Spread): string {
  const how = listen ? (isBusy ? "listening and busy" : "listening") : "polling";
  const [p50, p99, slowest] = [lag.p50, lag.p99, lag.slowest].map((value) => value.toFixed(1));
  return `${processes} processes, ${how}: p50 ${p50} ms, p99 ${p99} ms, slowest ${slowest} ms`;
}

async function measureSetting(
  signerOut: Child,
  followers: readonly Child[],
  { listen, isBusy }: LagSetting,
  tokens: readonly string[],
): Promise<number[]> {
  const lags: number[] = [];
  for (const token of tokens) {
    if (!listen) await sleep(Math.random() * LOOKING);
    lags.push(await lagOf(signerOut, followers, { token, isBusy }));
  }
  return lags.slice(WARM_UP);
}

async function lagOf(signerOut: Child, followers: readonly Child[], watched: Watched): Promise<number> {
  await Promise.all(followers.map((follower) => follower.call("watch", watched)));
  const committed = await signerOut.call<number>("signOut", watched.token);
  const refused = await Promise.all(followers.map((follower) => follower.call<number>("refused")));
  return Math.max(...refused) - committed;
}
