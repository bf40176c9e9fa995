import { chmod, lstat, mkdtemp, readdir, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { PostgresBinaries } from "../../embedded/binaries.ts";
import { placeServer } from "../../embedded/placement.ts";
import { isProcessAlive } from "../../embedded/platform.ts";
import { settleEarlierServer } from "../../embedded/postmaster.ts";
import { wrongUsage } from "./usage.ts";

const PREFIX = "authgraft-rehearsal-";

/** Where the data of a throwaway server lies. */
export interface ScratchDirectory {
  readonly path: string;
  readonly dataDirectory: string;
  /** Takes it away, also what had to be kept elsewhere. The server has to be stopped. */
  remove(): Promise<void>;
}

/**
 * Makes a directory below the system's temporary one (TMPDIR), named after this process, and takes away those of
 * processes that were killed.
 *
 * @throws ConfigurationError `usage_invalid` where none can be made.
 */
export async function makeScratchDirectory(binaries: PostgresBinaries): Promise<ScratchDirectory> {
  const path = await makeOwn().catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw wrongUsage(
      `There is no place for the rehearsal in ${tmpdir()}: ${reason}.`,
      "Name a directory that can be written to with TMPDIR.",
      cause,
    );
  });
  await removeAbandoned(binaries);
  // Where root rehearses, PostgreSQL runs as another account, which has to pass through.
  await chmod(path, 0o711);
  return { path, dataDirectory: dataIn(path), remove: () => remove(path, binaries) };
}

async function makeOwn(): Promise<string> {
  return mkdtemp(join(tmpdir(), `${PREFIX}${await namespace()}-${process.pid}-`));
}

function dataIn(path: string): string {
  return join(path, "data");
}

/** An account that cannot reach the directory has its data elsewhere, at a place that follows from the path. */
async function remove(path: string, binaries: PostgresBinaries): Promise<void> {
  const { dataDirectory } = await placeServer(dataIn(path), binaries, () => undefined);
  if (dataDirectory !== dataIn(path)) await removeAll(dirname(dataDirectory));
  await removeAll(path);
}

/** A server that has just ended may still have had a file to write. */
async function removeAll(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

/** What a rehearsal left that was killed. A server that outlived it is stopped first. */
async function removeAbandoned(binaries: PostgresBinaries): Promise<void> {
  const prefix = `${PREFIX}${await namespace()}-`;
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix) || isProcessAlive(Number.parseInt(name.slice(prefix.length), 10))) continue;
    const path = join(tmpdir(), name);
    // It is no reason not to rehearse that something cannot be taken away: the next one tries again.
    if (await isOurs(path)) await removeOne(path, binaries).catch(() => undefined);
  }
}

async function removeOne(path: string, binaries: PostgresBinaries): Promise<void> {
  await settleEarlierServer(await placeServer(dataIn(path), binaries, () => undefined));
  await remove(path, binaries);
}

/** Anybody can make a directory of that name there. */
async function isOurs(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isDirectory() === true && (process.getuid === undefined || found.uid === process.getuid());
}

/** Containers may share the temporary directory: the process ids of one say nothing in another. See pid_namespaces(7). */
async function namespace(): Promise<string> {
  const link = await readlink("/proc/self/ns/pid").catch(() => "");
  return /\d+/.exec(link)?.[0] ?? "0";
}
