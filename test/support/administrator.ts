import type pg from "pg";
import { inject } from "vitest";
import { quietPool } from "./connections.ts";

let pool: pg.Pool | undefined;

/** Runs a statement as the superuser, in the database `postgres` of the shared server. */
export async function administrate<Row extends pg.QueryResultRow>(
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<pg.QueryResult<Row>> {
  pool ??= quietPool(inject("postgresUrl"), 2);
  return pool.query<Row>(sql, [...parameters]);
}

/** Closes what `administrate` opened. */
export async function endAdministration(): Promise<void> {
  await pool?.end();
  pool = undefined;
}
