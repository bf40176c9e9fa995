import { MigrationError } from "../../../errors.ts";

/** A file that cannot be read to its end: which rows come after cannot be told. Nothing was written. */
export function fileInvalid(message: string, fix: string, cause?: unknown): MigrationError {
  return new MigrationError("import_invalid", `${message} Nothing was written.`, { fix, cause });
}
