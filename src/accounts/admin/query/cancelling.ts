import type pg from "pg";
import { connect } from "../../../postgres/connect.ts";

/** Milliseconds between two requests to cancel: one that comes between two statements is lost. */
const AGAIN = 250;

/** What a query is asked so often it may catch (`EXCEPTION WHEN query_canceled`); the end of its connection it cannot. */
const MOST_ASKED = 8;

/**
 * Does work on a connection, and has the server cancel it when the signal says stop, again and again until it has
 * ended, and in the end by ending its connection: nothing goes on for a client who has left.
 *
 * @see https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADMIN-SIGNAL
 */
export async function cancelling<Result>(
  client: pg.Client,
  url: string,
  signal: AbortSignal,
  work: () => Promise<Result>,
): Promise<Result> {
  const { rows } = await client.query<{ pid: number }>("SELECT pg_catalog.pg_backend_pid() AS pid");
  const pid = rows[0]?.pid ?? 0;
  let isOver = false;
  const cancel = async () => {
    const second = await connect(url, { applicationName: "authgraft (query)" });
    try {
      for (let asked = 0; !isOver; asked += 1) {
        const means = asked < MOST_ASKED ? "pg_cancel_backend" : "pg_terminate_backend";
        await second.query(`SELECT pg_catalog.${means}($1)`, [pid]);
        await new Promise((resolve) => setTimeout(resolve, AGAIN));
      }
    } finally {
      await second.end().catch(() => undefined);
    }
  };
  const listener = () => void cancel().catch(() => undefined);
  signal.addEventListener("abort", listener, { once: true });
  try {
    signal.throwIfAborted();
    return await work();
  } finally {
    isOver = true;
    signal.removeEventListener("abort", listener);
  }
}
