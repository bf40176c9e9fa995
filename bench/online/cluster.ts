import { chown, cp, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import type { PostgresBinaries } from "../../src/embedded/binaries.ts";
import { ensureCluster, SUPERUSER } from "../../src/embedded/cluster.ts";
import { type Placement, placeServer } from "../../src/embedded/placement.ts";
import { run } from "../../src/embedded/platform.ts";
import { stopServer } from "../../src/embedded/postmaster.ts";
import { startServerProcess } from "../../src/embedded/server-process.ts";
import { APPLICATION, OWNER } from "./roles.ts";

/** A server of the benchmark, durable as it would be in production. */
export interface Cluster {
  readonly port: number;
  readonly placement: Placement;
  readonly superuserUrl: string;
  /** The table's owner, who migrates. */
  readonly ownerUrl: string;
  /** Whose queries are counted. */
  readonly applicationUrl: string;
  /** The server's log so far. */
  log(): Promise<string>;
  stop(): Promise<void>;
}

/** Said with the results. Everything else is PostgreSQL's default: fsync, full_page_writes and synchronous_commit are on. */
export const SETTINGS: Readonly<Record<string, string>> = {
  shared_buffers: "1GB",
  maintenance_work_mem: "256MB",
  max_connections: "200",
  // There is a checkpoint before each run, and none in it that another run would not have.
  checkpoint_timeout: "30min",
  max_wal_size: "8GB",
  wal_keep_size: "2GB",
};

const INTERNAL: Readonly<Record<string, string>> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  timezone: "UTC",
  log_timezone: "UTC",
  log_line_prefix: "%m [%p] %a ",
  log_checkpoints: "off",
  log_min_error_statement: "panic",
  autovacuum_naptime: "1s",
};

/** Makes the data directory of a server at `directory`, or takes the one that is there, and starts it. */
export async function startCluster(
  binaries: PostgresBinaries,
  directory: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Cluster> {
  const placement = await placeServer(directory, binaries, () => undefined);
  const password = await ensureCluster(placement, true);
  const port = await freePort();
  const all = { ...INTERNAL, ...SETTINGS, port: String(port), ...settings };
  const running = await startServerProcess(placement, all, port);
  const url = (role: string, secret: string, database: string) =>
    `postgres://${role}:${secret}@127.0.0.1:${port}/${database}`;
  let stopped: Promise<void> | undefined;
  return {
    port,
    placement,
    superuserUrl: url(SUPERUSER, password, "app"),
    ownerUrl: url(OWNER, password, "app"),
    applicationUrl: url(APPLICATION, password, "app"),
    log: () => readFile(join(placement.dataDirectory, "authgraft.log"), "utf8"),
    stop: () => {
      stopped ??= stop(placement, running);
      return stopped;
    },
  };
}

async function stop(
  placement: Placement,
  running: Awaited<ReturnType<typeof startServerProcess>>,
): Promise<void> {
  running.release();
  await stopServer(placement, "fast");
  await running.ended;
}

/** The database's password serves all roles of the benchmark; it is random, and gone with the data. */
export async function passwordOf(placement: Placement): Promise<string> {
  return readFile(join(placement.dataDirectory, "authgraft.password"), "utf8");
}

/** Copies the data directory of a stopped server. */
export async function copyCluster(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, preserveTimestamps: true, mode: 2 });
  await handOver(from, to);
}

/** Makes a copy follow a primary as a streaming standby when it is started. */
export async function makeStandby(directory: string, primary: Cluster): Promise<void> {
  const { uid, gid } = await stat(directory);
  const file = async (name: string, text: string) => {
    await writeFile(join(directory, name), text, { mode: 0o600, flag: "a" });
    await chown(join(directory, name), uid, gid);
  };
  await file("standby.signal", "");
  await file(
    "postgresql.auto.conf",
    `primary_conninfo = '${primary.superuserUrl.replace("/app", "/postgres")}'\n`,
  );
}

/** cp gives everything to us; the server's account must own it. */
async function handOver(from: string, to: string): Promise<void> {
  const { uid, gid } = await stat(from);
  if (uid === process.getuid?.()) return;
  const { exitCode, output } = await run("chown", ["-R", `${uid}:${gid}`, to]);
  if (exitCode !== 0) throw new Error(`The copy in ${to} cannot be handed over: ${output}`);
}

/** The directory that everything of a run lies in; the server's account can enter it, nobody else reads its data. */
export async function makeWorkDirectory(): Promise<string> {
  const directory = join("/var/tmp", `authgraft-bench-online-${process.pid}`);
  await mkdir(directory, { mode: 0o755 });
  return directory;
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
