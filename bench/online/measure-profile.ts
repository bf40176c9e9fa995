import { rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { PostgresBinaries } from "../../src/embedded/binaries.ts";
import { ensureState, settle } from "./actions.ts";
import { endAutovacuum, startAutovacuum } from "./autovacuum.ts";
import { type Cluster, copyCluster, makeStandby, startCluster } from "./cluster.ts";
import { runAll } from "./connection.ts";
import type { BenchOptions } from "./options.ts";
import type { Action, Profile } from "./profiles.ts";
import type { RunResult } from "./results.ts";
import { runOnce } from "./run-once.ts";
import { untilCaughtUp } from "./standby.ts";

/** A profile, and what its runs need. */
export interface ProfileRequest {
  readonly profile: Profile;
  readonly options: BenchOptions;
  readonly binaries: PostgresBinaries;
  /** The data directory of a stopped server with the table in it. */
  readonly template: string;
  readonly directory: string;
  readonly signal: AbortSignal;
}

/** Runs the actions of a profile in turn on servers of their own, copied from the template, and removes them. */
export async function measureProfile(
  request: ProfileRequest,
  onRun: (run: RunResult) => void,
): Promise<void> {
  const { profile, options, template, directory } = request;
  const home = dirname(template);
  const paths = ["primary", "standby"].map((name) => join(home, `${profile.name}-${name}`));
  const [primaryPath = directory, standbyPath = directory] = paths;
  const started: Cluster[] = [];
  try {
    await copyCluster(template, primaryPath);
    const primary = await startCluster(request.binaries, primaryPath, await settingsOf(profile));
    started.push(primary);
    if (profile.standby) {
      await copyCluster(template, standbyPath);
      await makeStandby(standbyPath, primary);
      started.push(await startCluster(request.binaries, standbyPath));
    }
    for (let repeat = 1; repeat <= options.repeats; repeat++) {
      for (const action of profile.actions) onRun(await measure(request, action, repeat, started));
    }
  } finally {
    // The standby first: a primary that stops waits until its standby has everything.
    for (const cluster of [...started].reverse()) await cluster.stop().catch(() => undefined);
    for (const path of paths) await rm(join(dirname(path), basename(path)), { recursive: true, force: true });
  }
}

/** `plan` knows of prepared statements from this extension. */
async function settingsOf(profile: Profile): Promise<Readonly<Record<string, string>>> {
  return profile.load === "prepared" ? { shared_preload_libraries: "pg_stat_statements" } : {};
}

async function measure(
  { profile, options, signal }: ProfileRequest,
  action: Action,
  repeat: number,
  [cluster, standby]: readonly Cluster[],
): Promise<RunResult> {
  if (cluster === undefined) throw new Error("No server was started.");
  const seconds = Math.max(2, options.seconds * (profile.share ?? 1));
  await ensureState(action, cluster, signal);
  await runAll(cluster.superuserUrl, "bench", ["CHECKPOINT"]);
  if (standby !== undefined) await untilCaughtUp(cluster.superuserUrl, signal);
  if (profile.autovacuum) await startAutovacuum(cluster, seconds, signal);
  const shared = { profile, action, repeat, rows: options.rows, seconds, signal };
  const run = await runOnce({ ...shared, cluster, standby: standby ?? null });
  if (profile.autovacuum) await endAutovacuum(cluster);
  await settle(action, profile, cluster);
  return run;
}
