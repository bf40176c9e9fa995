import type { RowForeignKey } from "./foreign-keys.ts";
import type { RowLoader } from "./row-loader.ts";
import type { RowTable } from "./row-tables.ts";

/** What a sample is taken from. */
export interface SampleScope {
  readonly loader: RowLoader;
  /** By oid. */
  readonly tables: ReadonlyMap<string, RowTable>;
  /** Between tables whose rows are copied. */
  readonly foreignKeys: readonly RowForeignKey[];
  readonly users: RowTable;
  /** How many users. */
  readonly count: number;
  readonly onProgress: (line: string) => void;
}
