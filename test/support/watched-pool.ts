import type pg from "pg";
import type { Pool } from "../../src/postgres/client.ts";

/** What goes by: each statement, and each error as the driver raised it. */
export interface Watcher {
  /** What it promises is awaited: something may happen before the statement is sent. */
  readonly onQuery?: (text: string, values: readonly unknown[]) => unknown;
  readonly onError?: (error: Error) => void;
}

/** The same pool, watched. */
export function watchPool(pool: pg.Pool, { onQuery, onError }: Watcher): Pool {
  const watched = (target: { query(text: string, values: unknown[]): Promise<unknown> }): Pool["query"] => {
    return async (text, values = []) => {
      await onQuery?.(text, values);
      return target.query(text, [...values]).catch((error: Error) => {
        onError?.(error);
        throw error;
      }) as never;
    };
  };
  return {
    query: watched(pool),
    async connect() {
      const client = await pool.connect();
      return { query: watched(client), release: (destroy) => client.release(destroy) };
    },
  };
}
