import { startEmbeddedPostgres } from "../../embedded/server.ts";
import { interrupted, interruptible } from "../interruptible.ts";
import { explainDiskSpace } from "./disk-space.ts";
import type { Scratch } from "./scratch.ts";
import { makeScratchDirectory } from "./scratch-directory.ts";
import { chooseVersion, type Wanted } from "./versions.ts";

/** What a throwaway server is started with. */
export interface EmbeddedScratchOptions {
  readonly wanted: Wanted;
  /** Whose node_modules is searched for packages first. */
  readonly packagesDirectory: string;
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Connections are the traffic's, the application's queries held open, and the rehearsal's own. */
const SETTINGS = { max_connections: "200", max_wal_size: "1GB", max_prepared_transactions: "10" };

/** Milliseconds that work has to end by itself once it was told to stop; its server goes then. */
const GRACE = 3_000;

/**
 * Works on a PostgreSQL that is started for it and is gone afterwards with its data, however the work ends.
 *
 * @throws MigrationError `dump_invalid` for a dump that no server here can read; `interrupted`.
 * @throws ConfigurationError `embedded_postgres_missing`
 * @throws DatabaseError `embedded_postgres_failed`, also where there is no space left.
 */
export async function withEmbeddedScratch<Result>(
  { wanted, packagesDirectory, onProgress, signal }: EmbeddedScratchOptions,
  work: (scratch: Scratch) => Promise<Result>,
): Promise<Result> {
  const { major, binaries, note } = await chooseVersion(wanted, packagesDirectory);
  if (signal.aborted) throw interrupted();
  const directory = await makeScratchDirectory(binaries);
  try {
    onProgress(`starting PostgreSQL ${binaries.version} in ${directory.path}`);
    const { dataDirectory } = directory;
    const options = { dataDirectory, major, packagesDirectory, durable: false, settings: SETTINGS };
    const server = await startEmbeddedPostgres(options);
    try {
      const running = work({ server, notes: note === null ? [] : [note] });
      return await interruptible(running, signal).finally(() => settled(running));
    } finally {
      // Nothing on it is worth a checkpoint.
      await server.stop("immediate");
    }
  } catch (error) {
    throw explainDiskSpace(error, directory.path);
  } finally {
    await directory.remove();
  }
}

/** Waits a little for work that was told to stop, so that it can put its own things in order. */
async function settled(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, GRACE);
  });
  await Promise.race([work.catch(() => undefined), late]);
  clearTimeout(timer);
}
