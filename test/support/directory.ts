import { chmod, mkdtemp, readdir, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isProcessAlive } from "../../src/embedded/platform.ts";

const MEMORY = "/dev/shm";
const ROOM_BYTES = 4 * 2 ** 30;

// With a space in it, as in many a home directory.
const PREFIX = "authgraft test ";

/**
 * Makes a directory for a test's data; whoever asks removes it. Others may pass through it unless `mode` says
 * otherwise: where the suite runs as root, PostgreSQL runs as another account.
 */
export async function makeTestDirectory(mode = 0o711): Promise<string> {
  const parent = await quickDirectory();
  await removeAbandoned(parent);
  const directory = await mkdtemp(join(parent, `${PREFIX}${process.pid} `));
  await chmod(directory, mode);
  return directory;
}

/** Making a database copies hundreds of files: in memory, where there is plenty, that is ten times as fast. */
async function quickDirectory(): Promise<string> {
  const { bavail, bsize } = await statfs(MEMORY).catch(() => ({ bavail: 0, bsize: 0 }));
  return bavail * bsize > ROOM_BYTES ? MEMORY : tmpdir();
}

/** What a run left that was cut short. Their servers have ended with them. */
async function removeAbandoned(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith(PREFIX) || isProcessAlive(Number.parseInt(name.slice(PREFIX.length), 10))) continue;
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
}
