import { AuthgraftError } from "../../../../errors.ts";
import { explainError } from "../../../run/explain-error.ts";
import { type LeftOutList, reasonOf } from "../../restore/left-out-list.ts";
import { isStatementError } from "../statements.ts";
import type { RowTable } from "./row-tables.ts";
import { type RowStreams, streamRows } from "./stream-rows.ts";

/** Fills tables, counts the rows, and reports the tables whose rows could not be had. */
export class RowLoader {
  readonly #streams: RowStreams;
  readonly #leftOut: LeftOutList;
  /** The source's own search path, as SQL. */
  readonly #path: string;
  readonly #signal: AbortSignal | undefined;
  #rows = 0;

  constructor(streams: RowStreams, leftOut: LeftOutList, path: string, signal: AbortSignal | undefined) {
    this.#streams = streams;
    this.#leftOut = leftOut;
    this.#path = path;
    this.#signal = signal;
  }

  /** How many rows were loaded. */
  get rows(): number {
    return this.#rows;
  }

  /** Runs a query on the side that is filled. */
  get target() {
    return this.#streams.target;
  }

  /** Loads what a query of the source finds, which selects the table's columns; returns how many rows that was. */
  async load(table: RowTable, query: string): Promise<number> {
    this.#signal?.throwIfAborted();
    if (table.columns.length === 0) return 0;
    if (!table.readable)
      return this.#without(table, "The source's role may not read it: GRANT SELECT on it.");
    if (table.guarded) {
      return this.#without(
        table,
        "Row-level security hides rows of it from the source's role: it takes BYPASSRLS.",
      );
    }
    try {
      const count = await this.#stream(table, query);
      this.#rows += count;
      return count;
    } catch (error) {
      if (error instanceof AuthgraftError || !isStatementError(error)) throw explainError(error);
      return this.#without(table, reasonOf(error));
    }
  }

  /** A generated column's function may name others without their schema, as the application's connections can. */
  async #stream(table: RowTable, query: string): Promise<number> {
    try {
      return await streamRows(this.#streams, table, query);
    } catch (error) {
      if (error instanceof AuthgraftError || !isStatementError(error)) throw error;
      await this.target.query(`SET search_path TO ${this.#path}`);
      const count = await streamRows(this.#streams, table, query);
      await this.target.query("SET search_path TO pg_catalog, pg_temp");
      return count;
    }
  }

  async #without(table: RowTable, reason: string): Promise<number> {
    await this.target.query("SET search_path TO pg_catalog, pg_temp");
    this.#leftOut.add({ kind: "rows", name: table.name }, reason);
    return 0;
  }
}
