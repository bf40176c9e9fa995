import pg from "pg";
import { ConfigurationError, DatabaseError } from "../errors.ts";
import type { Pool } from "./client.ts";
import { preparePool } from "./prepared-pool.ts";
import { SqlState, sqlState } from "./sqlstate.ts";

/** How a connection presents itself. */
export interface ConnectOptions {
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Milliseconds to wait for the server's first answer. */
  readonly timeout?: number;
  /** The most connections a pool opens. */
  readonly size?: number;
}

const CONNECT_TIMEOUT = 10_000;

/**
 * Opens one connection of our own.
 *
 * @throws DatabaseError `database_unreachable`, `database_authentication_failed`, `database_missing`, or
 *   `database_error`; the message names host, port, database and user, never the password.
 */
export async function connect(url: string, options: ConnectOptions): Promise<pg.Client> {
  const client = new pg.Client(parameters(url, options));
  // A connection that breaks while idle raises "error" outside any query; the next query reports it.
  client.on("error", () => undefined);
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    throw connectionError(url, error);
  }
  return client;
}

/** Opens a pool of our own; connections are made when they are asked for, and keep their statements prepared. */
export function createPool(url: string, options: ConnectOptions): Pool & { end(): Promise<void> } {
  const pool = new pg.Pool({ ...parameters(url, options), max: options.size ?? 10 });
  pool.on("error", () => undefined);
  // The pool stops listening to a connection as it lends it, before whoever asked can listen.
  pool.on("connect", (client) => void client.on("error", () => undefined));
  return preparePool(pool);
}

function parameters(url: string, options: ConnectOptions): pg.ClientConfig {
  assertUrl(url);
  return {
    connectionString: url,
    application_name: options.applicationName,
    connectionTimeoutMillis: options.timeout ?? CONNECT_TIMEOUT,
    keepAlive: true,
  };
}

/** @throws ConfigurationError `configuration_invalid` */
export function assertUrl(url: string): void {
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url)) return;
  throw new ConfigurationError("configuration_invalid", "The database URL is not a postgres:// URL.", {
    fix: "Give it as postgres://user:password@host:5432/database, with special characters percent-encoded.",
  });
}

/** What is wrong with a connection that could not be made, without its password. */
export function connectionError(url: string, error: unknown): DatabaseError {
  const where = describe(url);
  const state = sqlState(error);
  if (state === SqlState.invalidPassword || state === SqlState.invalidAuthorization) {
    return new DatabaseError("database_authentication_failed", `PostgreSQL at ${where} refused the login.`, {
      fix: "Check the user and the password in the database URL, and the server's pg_hba.conf.",
      cause: error,
    });
  }
  if (state === SqlState.databaseMissing) {
    return new DatabaseError("database_missing", `There is no such database: ${where}.`, {
      fix: "Check the name after the last slash of the database URL.",
      cause: error,
    });
  }
  return new DatabaseError("database_unreachable", `No PostgreSQL answers at ${where}: ${reason(error)}.`, {
    fix: "Check that the server runs, and the host and port in the database URL.",
    cause: error,
  });
}

/** Where a URL leads, without the password: `user@host:port/database`. */
export function describe(url: string): string {
  const { username, hostname, port, pathname } = new URL(url);
  const user = username === "" ? "" : `${decodeURIComponent(username)}@`;
  return `${user}${hostname || "localhost"}:${port || "5432"}${decodeURIComponent(pathname)}`;
}

/** The innermost plain reason; a failed connection to a name with several addresses hides it in a list. */
function reason(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reason(error.errors[0]);
  return error instanceof Error && error.message !== "" ? error.message : "no reason given";
}
