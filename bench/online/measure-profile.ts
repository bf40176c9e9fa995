import { rm } from "node:fs/promises";
import { join } from "node:path";
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
  const { profile, options } = request;
  let servers = await startServers(request);
  try {
    for (let repeat = 1; repeat <= options.repeats; repeat++) {
      for (const action of profile.actions) {
        const run = await measure(request, action, repeat, servers);
        onRun(run);
        if (run.change === null || run.change.exitCode === 0) continue;
        // What a failed change left is nothing to measure the next one on.
        await removeServers(servers);
        servers = await startServers(request);
      }
    }
  } finally {
    await removeServers(servers);
  }
}

/** Without it, the primary's everyday writes would stop the replay behind a report before the change could. */
const STANDBY = { hot_standby_feedback: "on" } as const;

/** The primary, and its standby where there is one. */
async function startServers({ profile, binaries, template, directory }: ProfileRequest): Promise<Cluster[]> {
  const path = (name: string) => join(directory, `${profile.name}-${name}`);
  await copyCluster(template, path("primary"));
  const primary = await startCluster(binaries, path("primary"), settingsOf(profile));
  if (!profile.standby) return [primary];
  try {
    await copyCluster(template, path("standby"));
    await makeStandby(path("standby"), primary);
    return [primary, await startCluster(binaries, path("standby"), STANDBY)];
  } catch (error) {
    await removeServers([primary]);
    throw error;
  }
}

/** The standby first: a primary that stops waits until its standby has everything. */
async function removeServers(servers: readonly Cluster[]): Promise<void> {
  for (const server of [...servers].reverse()) {
    await server.stop().catch(() => undefined);
    await rm(server.placement.dataDirectory, { recursive: true, force: true });
  }
}

/** `plan` knows of prepared statements from this extension. */
function settingsOf(profile: Profile): Readonly<Record<string, string>> {
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
