import type pg from "pg";
import type { Configuration } from "../../config/schema.ts";
import type { UsersTable } from "../users-table.ts";
import type { ImportOptions } from "./import-options.ts";
import type { ImportProgress, ImportReport, RefusedRow } from "./import-report.ts";

/** What an import works with. */
export interface ImportContext {
  /** A connection of the import's own, prepared for it and leading to PostgreSQL directly. */
  readonly client: pg.Client;
  readonly table: UsersTable;
  readonly configuration: Configuration;
  /** The bytes of the file from its beginning, unzipped; asked for several times. */
  readonly open: () => AsyncIterable<Uint8Array>;
  /** Throws where the file is no longer what it was at first. */
  readonly assertUnchanged: () => Promise<void>;
  /** How much of the file was read, between 0 and 1. */
  readonly share: () => number | null;
  readonly options: ImportOptions;
  /** Starts what hashes plaintext passwords. */
  readonly startHashing: () => Promise<Hashing>;
  /** Asked before anything is written. */
  readonly confirm: (report: ImportReport) => Promise<boolean>;
  /** Told of every row that does not fit, in their order, at the end. */
  readonly onRefused?: (rows: readonly RefusedRow[]) => Promise<void>;
  readonly onProgress: (progress: ImportProgress) => void;
  readonly signal: AbortSignal;
  /** Rows a transaction. */
  readonly batchSize?: number;
}

/** What hashes plaintext passwords. */
export interface Hashing {
  hash(password: string): Promise<string>;
  close(): Promise<void>;
}
