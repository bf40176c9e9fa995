import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { query } from "../../scripts/support/database-server.ts";
import { findPostgresBinaries } from "../../src/embedded/binaries.ts";
import { ensureCluster, SUPERUSER } from "../../src/embedded/cluster.ts";
import { placeServer } from "../../src/embedded/placement.ts";
import { startServerProcess } from "../../src/embedded/server-process.ts";

/** Ways of a PostgreSQL to be gone: it hangs, it was stopped without a checkpoint, or all its processes were killed. */
export const OUTAGES = ["frozen", "stopped", "killed"] as const;

/** One of them. */
export type Outage = (typeof OUTAGES)[number];

/** SIGQUIT to its first process is what `pg_ctl stop --mode immediate` sends. */
const SIGNALS: Readonly<Record<Outage, NodeJS.Signals>> = {
  frozen: "SIGSTOP",
  stopped: "SIGQUIT",
  killed: "SIGKILL",
};

/** A PostgreSQL that can be taken away and comes back on the same port. */
export interface OutageServer {
  /** The URL of an empty database, of an ordinary role. */
  readonly url: string;
  readonly directory: string;
  /** When it returns, nobody is answered any more. */
  take(outage: Outage): Promise<void>;
  /** When it returns, it takes connections again. */
  bringBack(outage: Outage): Promise<void>;
  remove(): Promise<void>;
}

/** Starts one, durable as in production: it recovers from a crash. */
export async function startOutageServer(): Promise<OutageServer> {
  const directory = await mkdtemp(join(tmpdir(), "authgraft-outage-"));
  // Where this runs as root, PostgreSQL runs as another account.
  await chmod(directory, 0o711);
  const placement = await placeServer(
    join(directory, "data"),
    await findPostgresBinaries(18),
    () => undefined,
  );
  const password = await ensureCluster(placement, true);
  const port = await freePort();
  const settings = { listen_addresses: "127.0.0.1", unix_socket_directories: "", port: String(port) };
  const start = () => startServerProcess(placement, settings, port);
  let running = await start();
  let family: readonly number[] = [];
  return {
    url: await makeDatabase(`postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/postgres`),
    directory,
    async take(outage) {
      family = await familyOf(running.pid);
      signalAll(outage === "stopped" ? [running.pid] : family, SIGNALS[outage]);
      // Whoever is told to stop may answer until then; whoever is killed does not.
      if (outage === "stopped") await running.ended;
    },
    async bringBack(outage) {
      if (outage === "frozen") return signalAll(family, "SIGCONT");
      running.release();
      await running.ended;
      while (family.some(isAlive)) await sleep(5);
      running = await start();
    },
    async remove() {
      signalAll(family, "SIGCONT");
      running.release();
      signalAll([running.pid], "SIGINT");
      await running.ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function makeDatabase(superuser: string): Promise<string> {
  const password = randomBytes(18).toString("base64url");
  await query(superuser, `CREATE ROLE app_owner LOGIN PASSWORD '${password}'`);
  await query(superuser, "CREATE DATABASE outage OWNER app_owner");
  const url = new URL(superuser);
  [url.username, url.password, url.pathname] = ["app_owner", password, "/outage"];
  return url.href;
}

/**
 * The first process of a server, and all that it started.
 *
 * @see https://man7.org/linux/man-pages/man5/proc_tid_children.5.html
 */
async function familyOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return [pid, ...text.split(" ").filter(Boolean).map(Number)];
}

/** Whoever is gone by now needs no signal. */
function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) if (isAlive(pid)) process.kill(pid, signal);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
