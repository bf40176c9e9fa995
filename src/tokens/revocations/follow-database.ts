import type { Configuration } from "../../config/schema.ts";
import { notificationChannel } from "../../postgres/channel.ts";
import type { Pool } from "../../postgres/client.ts";
import { openFeedConnection } from "./feed-connection.ts";
import { followRevocations, type Revocations, type RevocationsOptions } from "./revocations.ts";

/** Begins to follow what is revoked, as it is configured. */
export function followDatabase(
  database: string | Pool,
  { schema, tokens: { listen, maxStalenessSeconds } }: Pick<Configuration, "schema" | "tokens">,
  rest: Pick<RevocationsOptions, "now" | "reloadKeys" | "onTrouble">,
): Revocations {
  return followRevocations({
    ...rest,
    schema,
    channel: notificationChannel(schema),
    open: () => openFeedConnection(database, listen),
    maxStaleness: maxStalenessSeconds * 1_000,
  });
}
