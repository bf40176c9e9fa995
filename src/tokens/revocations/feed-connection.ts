import type { Pool, PoolClient } from "../../postgres/client.ts";
import { openListener } from "../../postgres/listen.ts";
import { within } from "../../postgres/share-queries.ts";
import type { FeedConnection } from "./follow.ts";

/** Milliseconds to connect, and for each answer: past both, nothing is known for longer than it may be. */
const [CONNECT, ANSWER] = [2_000, 2_000];

/** Milliseconds for one reading on a connection that a pool lends, however much there is to read. */
const READING = 120_000;

/**
 * Opens what to follow the feed on: of a URL a connection of its own, which a storm of logins cannot take away. A
 * pool is the application's; it lends no connection for good, so it is asked, and nothing is heard from it.
 */
export async function openFeedConnection(database: string | Pool, listen: boolean): Promise<FeedConnection> {
  if (typeof database !== "string") return lendFeedConnection(database);
  const listener = await openListener(database, {
    applicationName: "authgraft revocations",
    connectTimeout: CONNECT,
    queryTimeout: ANSWER,
  });
  return {
    run: (work) => work(listener),
    onNotification: listen ? listener.onNotification : null,
    ...{ prepare: listener.prepare, close: listener.close },
  };
}

function lendFeedConnection(pool: Pool): FeedConnection {
  return {
    async run(work) {
      const client = await within(ANSWER, (signal) => borrow(pool, signal));
      try {
        const result = await within(READING, () =>
          work({ query: (text, values) => within(ANSWER, () => client.query(text, values)) }),
        );
        client.release();
        return result;
      } catch (error) {
        client.release(true);
        throw error;
      }
    },
    onNotification: null,
    ...{ prepare: () => undefined, close: () => undefined },
  };
}

/** A connection that comes when nobody waits for it any more goes back at once. */
async function borrow(pool: Pool, signal: AbortSignal): Promise<PoolClient> {
  const client = await pool.connect();
  if (signal.aborted) client.release();
  return client;
}
