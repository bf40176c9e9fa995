import { readFile, readlink, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseError } from "../errors.ts";
import type { Placement } from "./placement.ts";
import { isProcessAlive, openNewFile, run } from "./platform.ts";

/** What `postmaster.pid` says of a running server. */
export interface Postmaster {
  readonly pid: number;
  /** `starting`, `ready`, `standby` or `stopping`; empty while the file is being written. */
  readonly status: string;
}

/** How a server is stopped: `fast` ends connections and writes a checkpoint, `immediate` just ends. */
export type StopMode = "fast" | "immediate";

const OWNER_FILE = "authgraft.owner";
const STOP_TIMEOUT_SECONDS = 60;

/** Reads `postmaster.pid` (pid in line 1, status in line 8); undefined when there is none. */
export async function readPostmaster(dataDirectory: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(dataDirectory, "postmaster.pid"), "utf8").catch(() => undefined);
  const lines = text?.split("\n") ?? [];
  const pid = Number.parseInt(lines[0] ?? "", 10);
  return Number.isNaN(pid) ? undefined : { pid, status: lines[7]?.trim() ?? "" };
}

/** Records that the server on a data directory runs for this process. */
export async function recordOwner({ dataDirectory, account }: Placement): Promise<void> {
  const file = await openNewFile(join(dataDirectory, OWNER_FILE), account);
  await file.write(String(process.pid)).finally(() => file.close());
}

/** Takes the record away: the server has been stopped. */
export async function forgetOwner({ dataDirectory }: Placement): Promise<void> {
  await rm(join(dataDirectory, OWNER_FILE), { force: true });
}

/**
 * Deals with a server that an earlier start left on the data directory: one whose owner was killed is stopped
 * cleanly, one whose owner lives is left alone.
 * @throws DatabaseError `embedded_postgres_failed` when its owner lives
 */
export async function settleEarlierServer(placement: Placement): Promise<void> {
  const { dataDirectory } = placement;
  const found = await readPostmaster(dataDirectory);
  if (found === undefined) return;
  if (!(await isPostmaster(found.pid, dataDirectory))) {
    await rm(join(dataDirectory, "postmaster.pid"), { force: true });
    return;
  }
  const owner = Number.parseInt(await readFile(join(dataDirectory, OWNER_FILE), "utf8").catch(() => ""), 10);
  if (!Number.isNaN(owner) && isProcessAlive(owner)) {
    throw new DatabaseError(
      "embedded_postgres_failed",
      `The embedded PostgreSQL in ${dataDirectory} is in use by process ${owner}.`,
      { fix: "Stop that process first, or name another data directory." },
    );
  }
  await stopServer(placement, "fast");
}

/** Stops the server on a data directory and waits until it has ended. */
export async function stopServer(placement: Placement, mode: StopMode): Promise<void> {
  const { binaries, dataDirectory, account } = placement;
  const args = ["stop", "-D", dataDirectory, "-m", mode, "-w", "-t", String(STOP_TIMEOUT_SECONDS)];
  const stopped = await run(binaries.pgCtl, args, account);
  if (stopped.exitCode !== 0 && (await readPostmaster(dataDirectory)) !== undefined) {
    throw new DatabaseError(
      "embedded_postgres_failed",
      `The embedded PostgreSQL in ${dataDirectory} did not stop: ${stopped.output.trim()}`,
    );
  }
}

/** A process id is used again after a while: on Linux we also see whether the process works in that directory. */
async function isPostmaster(pid: number, dataDirectory: string): Promise<boolean> {
  if (!isProcessAlive(pid)) return false;
  const workingDirectory = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  return workingDirectory === undefined || workingDirectory === (await realpath(dataDirectory));
}
