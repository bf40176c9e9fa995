import type { Queryable } from "../../postgres/client.ts";
import { qualify } from "../../postgres/identifiers.ts";
import { type FeedPosition, writePosition } from "./feed-position.ts";

/** A position with more transactions under way than this begins before the oldest of them: it travels in a URL. */
const MOST_UNDER_WAY = 100;

/**
 * The newest transaction that certainly reached the disk; null where there is none. It is asked for before the
 * position that is to be settled by it.
 */
export async function newestSettled(client: Queryable, schema: string): Promise<string | null> {
  const { rows } = await client.query<{ transaction_id: string }>(
    `SELECT transaction_id::text FROM ${qualify(schema, "revocations")}
      WHERE created_at < now() - interval '10 seconds'
        AND transaction_id < pg_snapshot_xmax(pg_current_snapshot())
      ORDER BY revocations.transaction_id DESC LIMIT 1`,
  );
  return rows[0]?.transaction_id ?? null;
}

/**
 * A position to be handed out, as text: a little before where the reading was.
 *
 * A server that crashed may give out transaction ids a second time when they had not reached its disk, and who asks
 * over HTTP does not notice a crash. So it is never told of an id beyond the newest one that is on the disk, and
 * reads the last seconds twice.
 */
export function settlePosition({ identity, snapshot }: FeedPosition, settled: string | null): string {
  const [, next = "1", list = ""] = snapshot.split(":");
  const beyond = settled === null ? 1n : BigInt(settled) + 1n;
  const xmax = beyond < BigInt(next) ? beyond : BigInt(next);
  const underWay = list === "" ? [] : list.split(",").filter((id) => BigInt(id) < xmax);
  const xmin = underWay[0] ?? String(xmax);
  const isLong = underWay.length > MOST_UNDER_WAY;
  return writePosition({
    identity,
    snapshot: isLong ? `${xmin}:${xmin}:` : `${xmin}:${xmax}:${underWay.join(",")}`,
  });
}
