import type { SharedFlags } from "../context.ts";
import { DEFAULT_ROWS, parseRows, type Rows } from "./rows.ts";
import { wrongUsage } from "./usage.ts";

/** The options of a rehearsal, as the parser hands them on. */
export interface RehearseFlags extends SharedFlags {
  readonly dump?: string;
  readonly fromDatabase?: boolean;
  readonly rows?: string;
  readonly queries?: string;
  readonly scratchUrl?: string;
  readonly report?: string;
  readonly html?: string;
}

/** Where the copy comes from. */
export type SourceChoice =
  | { readonly kind: "dump"; readonly file: string }
  | { readonly kind: "database"; readonly rows: Rows };

/** @throws ConfigurationError `usage_invalid` where there is no source, or two, or an option that goes with the other. */
export function chooseSource({ dump, fromDatabase, rows, databaseUrl }: RehearseFlags): SourceChoice {
  if (dump === undefined && !fromDatabase) {
    throw wrongUsage(
      "Rehearse on what? Neither a dump was named nor the database.",
      "authgraft rehearse --dump FILE, or authgraft rehearse --from-database",
    );
  }
  if (dump !== undefined && fromDatabase) {
    throw wrongUsage("--dump and --from-database are two sources.", "Give one of the two.");
  }
  if (dump === undefined)
    return { kind: "database", rows: rows === undefined ? DEFAULT_ROWS : parseRows(rows) };
  if (rows !== undefined) {
    throw wrongUsage(
      "--rows goes with --from-database: a dump is rehearsed with all that is in it.",
      "Leave it out.",
    );
  }
  if (databaseUrl !== undefined) {
    throw wrongUsage(
      "--database-url goes with --from-database: a rehearsal on a dump connects to no database of yours.",
      "Leave it out, or rehearse with --from-database.",
    );
  }
  return { kind: "dump", file: dump };
}

/** @throws ConfigurationError `usage_invalid` where two options name the same file. */
export function assertDistinct({ dump, queries, report, html }: RehearseFlags): void {
  const written = [report, html].filter((file) => file !== undefined);
  const named = [dump, queries, ...written].filter((file) => file !== undefined);
  const twice = written.find((file) => named.filter((other) => other === file).length > 1);
  if (twice !== undefined) throw wrongUsage(`${twice} is named twice.`, "Name another file to write to.");
}
