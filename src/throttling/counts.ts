import { RateLimiterPostgres } from "rate-limiter-flexible";
import type { Queryable } from "../postgres/client.ts";
import { qualify } from "../postgres/identifiers.ts";

const TABLE = "rate_limits";

/** A budget as a configuration has it. */
export interface Limit {
  readonly most: number;
  readonly windowSeconds: number;
}

/** The row that a point was taken from, and the last moment (ms since 1970) at which its time may end. */
export interface TakenFrom {
  readonly key: string;
  readonly until: number;
}

/** The table of counts. A row begins with its first point, and begins anew with the first one after its time is over. */
export interface Counts {
  /** A limiter on the table. Keys have `kind` before them. It makes and deletes nothing by itself. */
  limiter(kind: string, limit: Limit): RateLimiterPostgres;
  /** Puts points back, where their time is not over and nobody has reset the row meanwhile. */
  putBack(from: TakenFrom | undefined, address: TakenFrom | undefined): Promise<void>;
  /** Has a row begin anew, and puts the point of an address back. */
  reset(from: TakenFrom | undefined, address: TakenFrom | undefined): Promise<void>;
}

/** Counts in the graft's own table; `schema` is the graft's. */
export function countsIn(pool: Queryable, schema: string): Counts {
  const table = qualify(schema, TABLE);
  // A row that began anew meanwhile ends later than the one that the point was taken from.
  const putBack = (key: number, until: number) =>
    `UPDATE ${table} SET points = points - 1 WHERE key = $${key} AND points > 0 AND expire <= $${until}::float8`;
  // All of these lock the row of the address first, so that no two of them ever wait for each other.
  const back = `WITH own AS (${putBack(1, 2)}) ${putBack(3, 4)}`;
  const anew = `WITH own AS (DELETE FROM ${table} WHERE key = $1) ${putBack(2, 3)}`;
  return {
    limiter: (kind, { most, windowSeconds }) =>
      new RateLimiterPostgres({
        ...{ storeClient: clientOn(pool), storeType: "client" },
        // The library puts quotes around both names and doubles none within them.
        ...{ schemaName: schema.replaceAll('"', '""'), tableName: TABLE },
        ...{ tableCreated: true, clearExpiredByTimeout: false },
        ...{ keyPrefix: kind, points: most, duration: windowSeconds },
      }),
    async putBack(from, address) {
      await pool.query(back, [from?.key, from?.until, address?.key, address?.until]);
    },
    async reset(from, address) {
      await pool.query(anew, [from?.key, address?.key, address?.until]);
    },
  };
}

interface Statement {
  readonly text: string;
  readonly values?: readonly unknown[];
}

/** Statements go without the library's names for them: the pool prepares by text. A pool may read bigints as it likes. */
function clientOn(pool: Queryable) {
  return {
    async query({ text, values }: Statement) {
      const { rows, rowCount } = await pool.query<{ points: unknown; expire: unknown }>(text, values ?? []);
      const numbers = rows.map(({ points, expire }) => ({ points: Number(points), expire: Number(expire) }));
      return { rows: numbers, rowCount };
    },
  };
}
