import { AuthgraftError, DatabaseError } from "../errors.ts";
import type { Pool, PoolClient, Queryable } from "../postgres/client.ts";
import { isConnectionFailure } from "../postgres/sqlstate.ts";

/**
 * The same pool, except that a failure of the connection itself is a DatabaseError
 * `database_unreachable`, so that everyone above can tell "no" from "cannot be asked". Errors that the
 * server raised about a statement go through as they are.
 */
export function guardPool(pool: Pool): Pool {
  return {
    query: guardQuery(pool),
    async connect() {
      // pg reports a pool that ran dry or a server that does not answer by text alone, without a code.
      const client = await pool.connect().catch((error: unknown) => {
        throw error instanceof AuthgraftError ? error : unreachable(error);
      });
      return guardClient(client);
    },
  };
}

function guardClient(client: PoolClient): PoolClient {
  return { query: guardQuery(client), release: (destroy) => client.release(destroy) };
}

function guardQuery(target: Queryable): Queryable["query"] {
  return async (text, values) => {
    try {
      return await target.query(text, values);
    } catch (error) {
      throw isUnreachable(error) ? unreachable(error) : error;
    }
  };
}

function isUnreachable(error: unknown): boolean {
  if (isConnectionFailure(error)) return true;
  return error instanceof Error && /timeout exceeded when trying to connect/.test(error.message);
}

function unreachable(cause: unknown): DatabaseError {
  return new DatabaseError("database_unreachable", "The database does not answer just now.", { cause });
}
