import pg from "pg";
import { inject } from "vitest";

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

/** A pool that outlives the death of idle connections, which dropping a database brings about. */
export function quietPool(connectionString: string, max: number): pg.Pool {
  const made = new pg.Pool({ connectionString, max });
  made.on("error", () => undefined);
  return made;
}
