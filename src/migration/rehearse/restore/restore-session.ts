import type pg from "pg";
import { type AuthgraftError, DatabaseError } from "../../../errors.ts";
import { isConnectionFailure, sqlState } from "../../../postgres/sqlstate.ts";
import { dumpInvalid } from "./dump-error.ts";
import { RowSink } from "./row-sink.ts";

/** How one statement went: PostgreSQL's objection to it, or the rows it wrote. */
export interface Outcome {
  readonly error: Error | undefined;
  readonly rows: number;
}

const DISK_FULL = "53100";
const SAVEPOINT = "authgraft_restore";

/**
 * pg_dump empties `search_path` and qualifies every name it writes, but not those inside functions: a check, a
 * generated column or an index that calls such a function would fail here and not at its home.
 */
const PUBLIC_PATH =
  "SELECT pg_catalog.set_config('search_path', pg_catalog.concat_ws(', ', nullif(pg_catalog.current_setting('search_path'), ''), 'public'), true);\n";

/**
 * The connection a dump is restored over. A statement that fails undoes itself and nothing before it, in a
 * transaction of the dump's own too.
 *
 * @throws what ends the whole restore: a full disk, a lost server.
 */
export class RestoreSession {
  readonly #client: pg.Client;

  constructor(client: pg.Client) {
    this.#client = client;
  }

  /** Settings of ours that a dump does not touch; a server that does not know one goes without. */
  async prepare(): Promise<void> {
    for (const setting of [
      // A killed client's statement ends with it.
      "client_connection_check_interval = '200ms'",
      "synchronous_commit = off",
      "statement_timeout = 0",
      "lock_timeout = 0",
      "client_min_messages = error",
    ]) {
      await this.#client.query(`SET ${setting}`).catch(() => undefined);
    }
  }

  get inTransaction(): boolean {
    return this.#client.getTransactionStatus() === "T";
  }

  async run(sql: string): Promise<Outcome> {
    const nested = this.inTransaction && !/^\s*(COMMIT|END|ROLLBACK|ABORT|PREPARE)\b/i.test(sql);
    try {
      const text = nested ? `SAVEPOINT ${SAVEPOINT};${sql}\n;RELEASE ${SAVEPOINT}` : sql;
      return { error: undefined, rows: rowsOf(await this.#client.query(text)) };
    } catch (error) {
      const objection = objectionOf(error);
      if (nested) await this.#client.query(`ROLLBACK TO ${SAVEPOINT}`);
      return { error: objection, rows: 0 };
    }
  }

  /** The same, where names that are not qualified are looked for in `public` last. */
  runWithPublic(sql: string): Promise<Outcome> {
    return this.run(PUBLIC_PATH + sql);
  }

  /** Rows of a table; `data` is read no further than PostgreSQL wants it. */
  async copy(sql: string, data: AsyncIterable<Buffer>): Promise<Outcome> {
    const nested = this.inTransaction;
    await this.#client.query(`${nested ? `SAVEPOINT ${SAVEPOINT}` : "BEGIN"};${PUBLIC_PATH}`);
    const sink = new RowSink(this.#client, sql);
    for await (const piece of data) if (!(await sink.write(piece))) break;
    const rows = await sink.end();
    const error = sink.error === undefined ? undefined : objectionOf(sink.error);
    const undone = await this.#endRows(nested, error === undefined);
    return { error: error ?? undone, rows: undone === undefined ? rows : 0 };
  }

  /** Constraints that were deferred speak up now. */
  async #endRows(nested: boolean, whole: boolean): Promise<Error | undefined> {
    try {
      if (nested) await this.#client.query(`${whole ? "RELEASE" : "ROLLBACK TO"} ${SAVEPOINT}`);
      else await this.#client.query(whole ? "COMMIT" : "ROLLBACK");
      return undefined;
    } catch (error) {
      return objectionOf(error);
    }
  }
}

/** An objection to one statement; what ends the whole restore is thrown. */
function objectionOf(error: unknown): Error {
  const fatal = fatalError(error);
  if (fatal !== undefined) throw fatal;
  if (!(error instanceof Error) || sqlState(error) === undefined) throw error;
  return error;
}

function fatalError(error: unknown): AuthgraftError | undefined {
  if (sqlState(error) === DISK_FULL) {
    return dumpInvalid(
      "The scratch server's disk is full (SQLSTATE 53100): the dump does not fit.",
      "Make room there, or name a server with more in --scratch-url. A restored dump takes about its uncompressed size, and its indexes besides.",
      error,
    );
  }
  if (!isConnectionFailure(error)) return undefined;
  const words = error instanceof Error ? error.message : "no reason given";
  return new DatabaseError("database_unreachable", `The scratch server went away: ${words}.`, {
    fix: "Look into its log and at its disk and memory, and run the same command again.",
    cause: error,
  });
}

/** pg answers several statements with several results. */
function rowsOf(result: pg.QueryResult | readonly pg.QueryResult[]): number {
  const results = Array.isArray(result) ? (result as readonly pg.QueryResult[]) : [result as pg.QueryResult];
  return results
    .filter(({ command }) => command === "INSERT")
    .reduce((sum, { rowCount }) => sum + (rowCount ?? 0), 0);
}
