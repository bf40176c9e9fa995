import { finished } from "node:stream/promises";
import type pg from "pg";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import { look } from "../source-session.ts";
import type { RowTable } from "./row-tables.ts";

/** The two ends that rows stream between. */
export interface RowStreams {
  readonly source: pg.Client;
  readonly target: pg.Client;
}

/**
 * Streams what a query finds in the source into a table, a buffer at a time.
 *
 * @param query selects the table's columns in their order.
 * @returns how many rows came.
 * @see https://www.postgresql.org/docs/current/sql-copy.html
 */
export async function streamRows(streams: RowStreams, table: RowTable, query: string): Promise<number> {
  const columns = table.columns.join(", ");
  return look(streams.source, table.name, () =>
    pour(streams, `COPY (${query}) TO STDOUT`, `COPY ${table.name} (${columns}) FROM STDIN`),
  );
}

/** Either end's connection can be used again only when its COPY is over: what is poured in vain is read all the same. */
async function pour({ source, target }: RowStreams, out: string, back: string): Promise<number> {
  const from = source.query(copyTo(out));
  const into = target.query(copyFrom(back));
  from.once("error", (error) => into.destroy(error));
  into.once("error", () => from.unpipe(into).resume());
  from.pipe(into);
  const [read, written] = await Promise.allSettled([finished(from), finished(into)]);
  if (read.status === "rejected") throw read.reason;
  if (written.status === "rejected") throw written.reason;
  return into.rowCount;
}
