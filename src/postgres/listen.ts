import { Socket } from "node:net";
import pg from "pg";
import { DatabaseError } from "../errors.ts";
import type { Queryable } from "./client.ts";
import { assertUrl, connectionError, describe } from "./connect.ts";
import { nameOf } from "./prepared-pool.ts";

/** One connection of our own that is there to be told things, and asks things in between. */
export interface Listener extends Queryable {
  /** Called with each notification, and with null when the connection is gone. */
  onNotification(hear: (payload: string | null) => void): void;
  /** From now on each statement is planned once: the connection was found to lead to one and the same server process. */
  prepare(): void;
  /** Ends the connection at once, whether the server still answers or not. */
  close(): void;
}

/** How a listener connects. */
export interface ListenOptions {
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Milliseconds for the server to let us in. */
  readonly connectTimeout: number;
  /** Milliseconds for the answer to each query. */
  readonly queryTimeout: number;
}

/**
 * Opens a connection that notifications arrive on.
 *
 * @throws DatabaseError `database_unreachable` and its kin, from here and from its queries.
 * @see https://www.postgresql.org/docs/current/sql-listen.html
 */
export async function openListener(url: string, options: ListenOptions): Promise<Listener> {
  assertUrl(url);
  // Our own socket: a client ends by a message to the server, and waits for ever where that hangs.
  const socket = new Socket();
  const client = new pg.Client({
    connectionString: url,
    application_name: options.applicationName,
    connectionTimeoutMillis: options.connectTimeout,
    keepAlive: true,
    stream: () => socket,
  });
  let isPrepared = false;
  const names = new Map<string, string>();
  const named = (text: string) => {
    const name = names.get(text) ?? nameOf(text);
    names.set(text, name);
    return isPrepared ? { name } : {};
  };
  let hear: (payload: string | null) => void = () => undefined;
  client.on("error", () => hear(null));
  client.on("end", () => hear(null));
  client.on("notification", ({ payload = "" }) => hear(payload));
  const close = () => {
    client.end().catch(() => undefined);
    socket.destroySoon();
    setTimeout(() => socket.destroy(), 100).unref();
  };
  try {
    await client.connect();
  } catch (error) {
    socket.destroy();
    throw connectionError(url, error);
  }
  return {
    query: <Row>(text: string, values: readonly unknown[] = []) =>
      within(
        options.queryTimeout,
        client.query<Row & pg.QueryResultRow>({ ...named(text), text, values: [...values] }),
        url,
      ),
    prepare() {
      isPrepared = true;
    },
    onNotification(listen) {
      hear = listen;
    },
    close,
  };
}

async function within<Value>(milliseconds: number, answer: Promise<Value>, url: string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new DatabaseError(
      "database_unreachable",
      `PostgreSQL at ${describe(url)} does not answer.`,
    );
    timer = setTimeout(() => reject(error), milliseconds);
  });
  // Whoever gave up does not hear of it any more.
  answer.catch(() => undefined);
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
