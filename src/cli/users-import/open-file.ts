import { createReadStream, type Stats } from "node:fs";
import { open, stat } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { MigrationError } from "../../errors.ts";
import { wrongUsage } from "../rehearse/usage.ts";

/** A file of users, which is read several times. */
export interface UsersFile {
  readonly gzipped: boolean;
  /** Its bytes from the beginning, unzipped. */
  readonly open: () => AsyncIterable<Uint8Array>;
  /** How much of it was read by the latest `open`, between 0 and 1. */
  readonly share: () => number;
  /** @throws MigrationError `import_invalid` where it is not the file that it was at first. */
  readonly assertUnchanged: () => Promise<void>;
}

const CHUNK = 2 ** 16;

/** @throws ConfigurationError `usage_invalid` where there is no file that can be read. */
export async function openUsersFile(path: string): Promise<UsersFile> {
  const found = await stat(path).catch((cause: unknown) => {
    throw wrongUsage(`${path} cannot be read: ${reasonOf(cause)}.`, "Check the path.", cause);
  });
  if (!found.isFile())
    throw wrongUsage(`${path} is no file, which is read more than once.`, "Put it into one.");
  const gzipped = await isGzipped(path);
  const assertUnchanged = () => assertSame(path, found);
  let position = () => 0;
  return {
    gzipped,
    assertUnchanged,
    share: () => (found.size === 0 ? 1 : Math.min(1, position() / found.size)),
    open: () => {
      const file = createReadStream(path, { highWaterMark: CHUNK });
      position = () => file.bytesRead;
      return read(file, path, gzipped, assertUnchanged);
    },
  };
}

async function isGzipped(path: string): Promise<boolean> {
  const file = await open(path).catch((cause: unknown) => {
    throw wrongUsage(`${path} cannot be read: ${reasonOf(cause)}.`, "Check who may read it.", cause);
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

async function* read(
  file: ReturnType<typeof createReadStream>,
  path: string,
  gzipped: boolean,
  assertUnchanged: () => Promise<void>,
): AsyncGenerator<Uint8Array, void> {
  const source = gzipped ? pipeline(file, createGunzip({ chunkSize: CHUNK }), () => undefined) : file;
  try {
    for await (const chunk of source) yield chunk as Buffer;
  } catch (error) {
    throw unreadable(path, gzipped, error);
  } finally {
    file.destroy();
  }
  await assertUnchanged();
}

async function assertSame(path: string, was: Stats): Promise<void> {
  const now = await stat(path).catch(() => null);
  const isSame = now?.size === was.size && now.mtimeMs === was.mtimeMs && now.ino === was.ino;
  if (!isSame) throw changed(path);
}

function unreadable(path: string, gzipped: boolean, cause: unknown): MigrationError {
  const what = gzipped ? "its gzip data is damaged or cut off" : reasonOf(cause);
  return new MigrationError("import_invalid", `${path} cannot be read to its end: ${what}.`, {
    fix: "Copy or export it again; what was written before stands.",
    cause,
  });
}

function changed(path: string): MigrationError {
  return new MigrationError("import_invalid", `${path} was changed while it was read.`, {
    fix: "Run the same command again once it stays as it is; what was written before stands.",
  });
}

function reasonOf(error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EACCES") return "permission denied";
  return error instanceof Error ? error.message : String(error);
}
