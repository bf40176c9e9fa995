import { type FileHandle, open } from "node:fs/promises";
import Papa from "papaparse";
import type { RefusedRow } from "../../accounts/import/import-report.ts";
import { wrongUsage } from "../rehearse/usage.ts";

/** The file that `--report` names: every row that does not fit, as CSV. */
export interface RefusedFile {
  write(rows: readonly RefusedRow[]): Promise<void>;
  close(): Promise<void>;
}

/** @throws ConfigurationError `usage_invalid` where something is there already, or nothing can be put there. */
export async function openRefusedFile(path: string | undefined): Promise<RefusedFile | null> {
  if (path === undefined) return null;
  const file: FileHandle = await open(path, "wx", 0o600).catch((cause: unknown) => {
    const isThere = cause instanceof Error && "code" in cause && cause.code === "EEXIST";
    const what = isThere ? "is there already" : "cannot be written";
    throw wrongUsage(`--report: ${path} ${what}.`, "Name another file.", cause);
  });
  await file.write("row,field,reason\n");
  return {
    write: async (rows) => {
      const lines = rows.map(({ row, field, reason }) => [row, field, reason]);
      await file.write(`${Papa.unparse(lines, { newline: "\n" })}\n`);
    },
    close: () => file.close(),
  };
}
