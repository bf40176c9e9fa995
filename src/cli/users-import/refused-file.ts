import { constants } from "node:fs";
import { access, type FileHandle, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import Papa from "papaparse";
import type { RefusedRow } from "../../accounts/import/import-report.ts";
import { wrongUsage } from "../rehearse/usage.ts";

/** The file that `--report` names: every row that does not fit, as CSV. It is made when there is one to write. */
export interface RefusedFile {
  write(rows: readonly RefusedRow[]): Promise<void>;
  close(): Promise<void>;
}

/** @throws ConfigurationError `usage_invalid` where something is there already, or nothing can be put there. */
export async function openRefusedFile(path: string | undefined): Promise<RefusedFile | null> {
  if (path === undefined) return null;
  await assertFree(path);
  let file: FileHandle | null = null;
  return {
    write: async (rows) => {
      file ??= await begin(path);
      const lines = rows.map(({ row, field, reason }) => [row, field, reason]);
      await file.write(`${Papa.unparse(lines, { newline: "\n" })}\n`);
    },
    close: async () => file?.close(),
  };
}

async function assertFree(path: string): Promise<void> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (isThere) throw isThereAlready(path);
  await access(dirname(path), constants.W_OK).catch((cause: unknown) => {
    throw cannotBeWritten(path, cause);
  });
}

async function begin(path: string): Promise<FileHandle> {
  const file = await open(path, "wx", 0o600).catch((cause: unknown) => {
    const isThere = cause instanceof Error && "code" in cause && cause.code === "EEXIST";
    throw isThere ? isThereAlready(path, cause) : cannotBeWritten(path, cause);
  });
  await file.write("row,field,reason\n");
  return file;
}

function isThereAlready(path: string, cause?: unknown) {
  return wrongUsage(`--report: ${path} is there already.`, "Remove it, or name another file.", cause);
}

function cannotBeWritten(path: string, cause: unknown) {
  return wrongUsage(`--report: ${path} cannot be written.`, "Name another file.", cause);
}
