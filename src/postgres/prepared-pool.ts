import { createHash } from "node:crypto";
import type pg from "pg";
import { DatabaseError } from "../errors.ts";
import type { Pool, PoolClient, QueryResult } from "./client.ts";
import { SqlState, sqlState } from "./sqlstate.ts";

/** Texts beyond this many are sent as they are: a server has a few dozen, and each is kept on every connection. */
const MOST_NAMES = 200;

/** How a pool names its statements. */
interface Names {
  /** The name of a text; undefined where it is to be sent without one. */
  of(text: string): string | undefined;
  /** No more names: something between us and PostgreSQL does not keep them. */
  giveUp(): void;
}

/**
 * The same pool, except that a statement with parameters is parsed and planned once for each connection: a
 * login's few statements take PostgreSQL several times as long to plan as to run.
 *
 * A prepared statement whose result has changed its type, because somebody changed the table meanwhile, is
 * sent once more without a name; inside a transaction, which is over then, it is a DatabaseError
 * `database_unreachable`, which a caller tries again. The connection is closed either way. Where a pooler
 * turns out not to keep statements for a connection, no more are prepared.
 *
 * @see https://www.postgresql.org/docs/current/sql-prepare.html
 */
export function preparePool(pool: pg.Pool): Pool & { end(): Promise<void> } {
  const names = createNames();
  return {
    connect: async () => prepareClient(await pool.connect(), names),
    async query(text, values) {
      const client = prepareClient(await pool.connect(), names);
      try {
        return await client.query(text, values);
      } finally {
        client.release();
      }
    },
    end: () => pool.end(),
  };
}

function createNames(): Names {
  const names = new Map<string, string>();
  let hasGivenUp = false;
  return {
    of(text) {
      const known = names.get(text);
      if (hasGivenUp) return undefined;
      if (known !== undefined || names.size >= MOST_NAMES) return known;
      const name = nameOf(text);
      names.set(text, name);
      return name;
    },
    giveUp() {
      hasGivenUp = true;
    },
  };
}

/**
 * One name stands for one text wherever it was prepared: a pooler may put us on a connection on which another
 * process of ours prepared its statements.
 */
export function nameOf(text: string): string {
  return `authgraft_${createHash("sha256").update(text).digest("hex").slice(0, 24)}`;
}

function prepareClient(client: pg.PoolClient, names: Names): PoolClient {
  let isStale = false;
  let isInTransaction = false;
  const plain = <Row>(text: string, values?: readonly unknown[]): Promise<QueryResult<Row>> =>
    client.query<Row & pg.QueryResultRow>(text, values === undefined ? undefined : [...values]);
  return {
    async query<Row>(text: string, values?: readonly unknown[]): Promise<QueryResult<Row>> {
      if (values === undefined) {
        isInTransaction =
          /^\s*BEGIN/i.test(text) || (isInTransaction && !/^\s*(COMMIT|ROLLBACK)/i.test(text));
        return plain<Row>(text);
      }
      const name = names.of(text);
      if (name === undefined) return plain<Row>(text, values);
      try {
        return await client.query<Row & pg.QueryResultRow>({ name, text, values: [...values] });
      } catch (error) {
        if (!isOfPreparing(error)) throw error;
        isStale = true;
        if (sqlState(error) !== SqlState.featureNotSupported) names.giveUp();
        if (isInTransaction) throw changed(error);
        return plain<Row>(text, values);
      }
    },
    release: (destroy) => client.release(destroy || isStale),
  };
}

/**
 * Errors that come before a statement has done anything, and that it would not have without its name. Of
 * "feature not supported" that is the one kind our statements meet: "cached plan must not change result
 * type", in the server's own language.
 */
function isOfPreparing(error: unknown): boolean {
  const states: readonly string[] = [
    SqlState.invalidStatementName,
    SqlState.duplicatePreparedStatement,
    SqlState.featureNotSupported,
  ];
  return states.includes(sqlState(error) ?? "");
}

function changed(cause: unknown): DatabaseError {
  return new DatabaseError("database_unreachable", "A table was changed just now. Try again.", { cause });
}
