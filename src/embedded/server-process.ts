import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseError } from "../errors.ts";
import type { Placement } from "./placement.ts";
import { openNewFile, spawnSettings } from "./platform.ts";
import { readPostmaster } from "./postmaster.ts";

/** A server process that accepts connections. */
export interface RunningServer {
  readonly pid: number;
  readonly port: number;
  /** Settles when the process has ended. */
  readonly ended: Promise<void>;
  /** Takes away the guard that ends the server with us: for when we are about to stop it ourselves. */
  release(): void;
}

/** The port asked for is another process's. */
export class PortTakenError extends DatabaseError {}

const LOG_FILE = "authgraft.log";
const START_TIMEOUT_MS = 120_000;

/** Starts `postgres` on a data directory and waits until it accepts connections. */
export async function startServerProcess(
  placement: Placement,
  settings: Readonly<Record<string, string>>,
  port: number,
): Promise<RunningServer> {
  const child = await spawnServer(placement, settings);
  const { pid } = child;
  if (pid === undefined) throw await startFailed(placement, port);
  const guard = guardServer(pid, placement);
  try {
    await waitUntilReady(placement, child, port);
  } catch (error) {
    guard?.kill("SIGKILL");
    child.kill("SIGKILL");
    throw error;
  }
  child.unref();
  const release = () => {
    guard?.kill("SIGKILL");
    child.ref();
  };
  return { pid, port, ended: endOf(child), release };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function endOf(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return Promise.resolve();
  return new Promise((resolve) => child.once("exit", () => resolve()));
}

async function spawnServer(
  placement: Placement,
  settings: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  const { dataDirectory, binaries, account } = placement;
  const log = await openNewFile(join(dataDirectory, LOG_FILE), account);
  try {
    const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const child = spawn(binaries.postgres, ["-D", dataDirectory, ...flags], {
      ...spawnSettings(account, binaries.postgres),
      // A group of its own: Ctrl-C in the terminal is for us, who then stop the server in good order.
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
    });
    // Without a listener a failed start would end our process; its absent pid tells the same.
    child.once("error", () => undefined);
    return child;
  } finally {
    await log.close();
  }
}

/**
 * A shell that waits for the end of our side of a pipe, which the system closes however we end, and then asks
 * the server for a fast shutdown. Windows has no such shell: there the next start cleans up.
 */
function guardServer(pid: number, placement: Placement): ChildProcess | undefined {
  if (process.platform === "win32") return undefined;
  const guard = spawn("/bin/sh", ["-c", 'read -r line; kill -INT "$1"', "sh", String(pid)], {
    ...spawnSettings(placement.account, "/"),
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  guard.once("error", () => undefined);
  guard.unref();
  if (guard.stdin instanceof Socket) guard.stdin.unref();
  return guard;
}

async function waitUntilReady(placement: Placement, child: ChildProcess, port: number): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline && !hasEnded(child)) {
    const found = await readPostmaster(placement.dataDirectory);
    if (found?.status === "ready" && found.pid === child.pid) return;
    await sleep(10);
  }
  throw await startFailed(placement, port);
}

async function startFailed(placement: Placement, port: number): Promise<DatabaseError> {
  const path = join(placement.dataDirectory, LOG_FILE);
  const log = await readFile(path, "utf8").catch(() => "");
  if (/could not bind IPv4 address/.test(log)) {
    return new PortTakenError("embedded_postgres_failed", `Port ${port} on 127.0.0.1 is taken.`, {
      fix: "Name another port, or none to have a free one picked.",
    });
  }
  const reasons = log.split("\n").filter((line) => /FATAL|PANIC|ERROR/.test(line));
  const reason = reasons.slice(-3).join(" ").trim() || "it gave no reason";
  return new DatabaseError("embedded_postgres_failed", `The embedded PostgreSQL did not start: ${reason}`, {
    fix: `Its log is ${path}.`,
  });
}
