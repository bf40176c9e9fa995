import type pg from "pg";
import { connect } from "../../../postgres/connect.ts";

/** Milliseconds between two requests to cancel: one that comes between two statements is lost. */
const AGAIN = 250;

/**
 * Does work on a connection, and has the server cancel it when the signal says stop, again and again until it has
 * ended: nothing goes on for a client who has left.
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
      while (!isOver) {
        await second.query("SELECT pg_catalog.pg_cancel_backend($1)", [pid]);
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
