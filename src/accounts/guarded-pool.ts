import { EventEmitter } from "node:events";
import { AuthgraftError, DatabaseError, MigrationError } from "../errors.ts";
import type { Pool, PoolClient, Queryable } from "../postgres/client.ts";
import { isConnectionFailure, SqlState, sqlState } from "../postgres/sqlstate.ts";

/**
 * The same pool, except that whatever keeps a question from being put to the database (no connection to be
 * had, none left in the pool, the connection gone in mid-answer, a standby in the primary's place) is a DatabaseError
 * `database_unreachable`, so that everyone above can tell "no" from "cannot be asked". Errors that the
 * server raised about a statement go through as they are.
 */
export function guardPool(pool: Pool): Pool {
  listenWhileLent(pool);
  const connect = async () => guardClient(await lend(pool));
  return {
    connect,
    async query(text, values) {
      const client = await connect();
      try {
        return await client.query(text, values);
      } finally {
        client.release();
      }
    },
  };
}

/** While nobody can be reached it does not matter why, and drivers say it in many ways, some by text alone. */
async function lend(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw error instanceof AuthgraftError ? error : unreachable(error);
  }
}

const ignore = () => undefined;

/**
 * A connection that breaks while it is lent raises an "error" event beside the failing query, and an event
 * nobody listens to ends the process. Pools stop listening when they lend, and a promise of a connection is
 * kept a moment later: only what the pool itself says about lending is early enough.
 *
 * @see https://node-postgres.com/apis/pool#acquire
 */
function listenWhileLent(pool: Pool): void {
  if (!(pool instanceof EventEmitter) || pool.listeners("acquire").includes(listenToLent)) return;
  pool.on("acquire", listenToLent);
}

function listenToLent(client: unknown): void {
  if (client instanceof EventEmitter && !client.listeners("error").includes(ignore)) {
    client.on("error", ignore);
  }
}

/** A connection that no question can be put to any more is closed, whoever gives it back and how. */
function guardClient(client: PoolClient): PoolClient {
  listenToLent(client);
  const query = guardQuery(client);
  let broken: Error | undefined;
  return {
    async query(text, values) {
      try {
        return await query(text, values);
      } catch (error) {
        if (error instanceof DatabaseError) broken = error;
        throw error;
      }
    },
    release: (destroy) => client.release(destroy || broken),
  };
}

function guardQuery(target: Queryable): Queryable["query"] {
  return async (text, values) => {
    try {
      return await target.query(text, values);
    } catch (error) {
      if (isConnectionFailure(error)) throw unreachable(error);
      if (sqlState(error) === SqlState.readOnlyTransaction) throw readOnly(error);
      throw isSchemaGone(error) ? takenOut(error) : error;
    }
  };
}

/** What the server reads was found at its start: when it is missing now, the graft was taken out meanwhile. */
function isSchemaGone(error: unknown): boolean {
  const states: readonly string[] = [
    SqlState.undefinedTable,
    SqlState.undefinedColumn,
    SqlState.undefinedSchema,
  ];
  return states.includes(sqlState(error) ?? "");
}

function takenOut(cause: unknown): MigrationError {
  if (sqlState(cause) === SqlState.undefinedColumn) return columnGone(cause);
  return new MigrationError("not_grafted", "The graft is not there any more.", {
    fix: 'Run "authgraft up", then start the server again.',
    cause,
  });
}

function columnGone(cause: unknown): MigrationError {
  return new MigrationError("not_grafted", "A column that the server was started with is gone.", {
    fix: 'Check the mapping in the configuration against "authgraft inspect", then start the server again.',
    cause,
  });
}

function unreachable(cause: unknown): DatabaseError {
  return new DatabaseError("database_unreachable", "The database does not answer just now.", { cause });
}

/** After a failover the old primary still answers, and a connection made anew leads to the new one. */
function readOnly(cause: unknown): DatabaseError {
  return new DatabaseError("database_unreachable", "The database takes no changes just now.", { cause });
}
