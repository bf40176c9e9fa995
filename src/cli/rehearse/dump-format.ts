import { type FileHandle, open, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip, constants as zlib } from "node:zlib";
import { MigrationError } from "../../errors.ts";
import { dumpInvalid } from "../../migration/rehearse/restore/dump-error.ts";
import { foreignContent } from "./dump-foreign.ts";

/** How a dump is written, as pg_dump's `--format` has it. */
export type DumpFormat = "plain" | "custom" | "directory" | "tar";

/** A dump as it lies there. */
export interface DumpFile {
  readonly path: string;
  readonly format: DumpFormat;
  readonly gzipped: boolean;
  /** The first of its text; empty where it is none. */
  readonly head: string;
}

const HEAD_BYTES = 2 ** 16;
const TAR_MAGIC_AT = 257;

/**
 * Tells by its content what a dump is.
 *
 * @throws MigrationError `dump_invalid` for what is no dump of PostgreSQL, saying what it is.
 * @see https://www.postgresql.org/docs/current/app-pgdump.html
 */
export async function readDumpFormat(path: string): Promise<DumpFile> {
  const status = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (status.isDirectory()) return readDirectory(path);
  if (!status.isFile()) {
    throw dumpInvalid(
      `${path} is neither a file nor a directory.`,
      "Write the dump into a file first: it is read more than once.",
    );
  }
  if (status.size === 0) throw dumpInvalid(`${path} is empty.`);
  const raw = await readHead(path);
  const gzipped = raw[0] === 0x1f && raw[1] === 0x8b;
  return describeContent(path, gzipped, gzipped ? await unzipHead(path, raw) : raw);
}

async function readDirectory(path: string): Promise<DumpFile> {
  const head = await readHead(join(path, "toc.dat")).catch((error: unknown) => {
    if (error instanceof MigrationError && !hasCode(error.cause, "ENOENT")) throw error;
    throw dumpInvalid(
      `${path} is a directory without toc.dat, so not one that pg_dump --format=directory made.`,
      "Name the directory that pg_dump wrote, or the dump's file.",
    );
  });
  if (!isCustom(head)) throw dumpInvalid(`${join(path, "toc.dat")} is not a table of contents of pg_dump.`);
  return { path, format: "directory", gzipped: false, head: "" };
}

function describeContent(path: string, gzipped: boolean, head: Buffer): DumpFile {
  if (head.length === 0) throw dumpInvalid(`${path} is empty once it is unzipped.`);
  if (isCustom(head)) return { path, format: "custom", gzipped, head: "" };
  if (head.toString("latin1", TAR_MAGIC_AT, TAR_MAGIC_AT + 5) === "ustar")
    return readTar(path, gzipped, head);
  const foreign = foreignContent(head);
  if (foreign !== null) throw dumpInvalid(`${path} is ${foreign.what}.`, foreign.fix);
  return { path, format: "plain", gzipped, head: head.toString("utf8") };
}

function readTar(path: string, gzipped: boolean, head: Buffer): DumpFile {
  const first = head.toString("utf8", 0, 100).replace(/\0.*$/s, "");
  if (first === "toc.dat") return { path, format: "tar", gzipped, head: "" };
  throw dumpInvalid(
    `${path} is a tar archive that begins with ${JSON.stringify(first)}, not with toc.dat as pg_dump --format=tar has it.`,
    "Unpack it, and name the dump inside.",
  );
}

function isCustom(head: Buffer): boolean {
  return head.toString("latin1", 0, 5) === "PGDMP";
}

async function readHead(path: string): Promise<Buffer> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    await file?.close();
  }
}

async function unzipHead(path: string, raw: Buffer): Promise<Buffer> {
  try {
    // Only the first of it is here: as much as there is will do.
    return (await promisify(gunzip)(raw, { finishFlush: zlib.Z_SYNC_FLUSH })).subarray(0, HEAD_BYTES);
  } catch (error) {
    throw gzipDamaged(path, error);
  }
}

/** The error of a file that cannot be unzipped. */
export function gzipDamaged(path: string, error: unknown): MigrationError {
  const cut = hasCode(error, "Z_BUF_ERROR");
  const words = error instanceof Error ? error.message : "no reason given";
  return dumpInvalid(
    cut
      ? `${path} ends in the middle of its gzip data: it was cut off.`
      : `${path} is damaged: gzip says ${words}.`,
    undefined,
    error,
  );
}

function unreadable(path: string, error: unknown): MigrationError {
  if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) {
    return dumpInvalid(`There is no ${path}.`, "Name the dump that pg_dump wrote.", error);
  }
  if (hasCode(error, "EACCES") || hasCode(error, "EPERM")) {
    return dumpInvalid(`${path} may not be read.`, "Allow the account that runs this to read it.", error);
  }
  const words = error instanceof Error ? error.message : "no reason given";
  return dumpInvalid(`${path} cannot be read: ${words}.`, "Copy it to a disk that can be read.", error);
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
