import { chmod, mkdtemp, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PostgresMajor } from "../../src/embedded/binaries.ts";
import { type EmbeddedServer, startEmbeddedPostgres } from "../../src/embedded/server.ts";
import { packagesDirectoryFor } from "./packages.ts";

/** A server of its own and what takes it away, data included. */
export interface ThrowawayServer {
  readonly server: EmbeddedServer;
  remove(): Promise<void>;
}

/**
 * Starts a PostgreSQL that keeps nothing, for what must not touch the server that all tests share: a test that
 * kills it, reads its log or needs other settings. Call `remove` when done.
 */
export async function startThrowawayServer(
  major: PostgresMajor,
  settings: Readonly<Record<string, string>> = {},
): Promise<ThrowawayServer> {
  const packagesDirectory = await packagesDirectoryFor(major);
  const directory = await mkdtemp(join(await quickDirectory(), `authgraft-test-${major}-`));
  // Where the suite runs as root, PostgreSQL runs as another account.
  await chmod(directory, 0o711);
  const dataDirectory = join(directory, "data");
  const server = await startEmbeddedPostgres({
    dataDirectory,
    major,
    durable: false,
    settings,
    packagesDirectory,
  });
  const remove = async () => {
    await server.stop("immediate");
    await rm(directory, { recursive: true, force: true });
  };
  return { server, remove };
}

const MEMORY = "/dev/shm";
const ROOM_BYTES = 4 * 2 ** 30;

/**
 * Where tests keep data. Making a database copies hundreds of files: in memory, where there is plenty, that is
 * ten times as fast.
 */
export async function quickDirectory(): Promise<string> {
  const { bavail, bsize } = await statfs(MEMORY).catch(() => ({ bavail: 0, bsize: 0 }));
  return bavail * bsize > ROOM_BYTES ? MEMORY : tmpdir();
}
