import type { Queryable } from "../../postgres/client.ts";
import { openListener } from "../../postgres/listen.ts";
import { within } from "../../postgres/share-queries.ts";
import type { FeedConnection } from "./follow.ts";

/** Milliseconds to connect, and for each answer: past both, nothing is known for longer than it may be. */
const [CONNECT, ANSWER] = [2_000, 2_000];

/**
 * Opens what to follow the feed on: of a URL a connection of its own, which a storm of logins cannot take away. A
 * pool is the application's; it lends no connection for good, so it is asked, and nothing is heard from it.
 */
export async function openFeedConnection(
  database: string | Queryable,
  listen: boolean,
): Promise<FeedConnection> {
  if (typeof database !== "string") {
    return {
      query: (text, values) => within(ANSWER, () => database.query(text, values)),
      onNotification: null,
      close: () => undefined,
    };
  }
  const listener = await openListener(database, {
    applicationName: "authgraft revocations",
    connectTimeout: CONNECT,
    queryTimeout: ANSWER,
  });
  return listen ? listener : { query: listener.query, onNotification: null, close: listener.close };
}
