import { DatabaseError } from "../../errors.ts";
import type { Queryable } from "../../postgres/client.ts";
import type { FeedCursor } from "./feed-cursor.ts";
import type { FeedPosition } from "./feed-position.ts";
import { type FeedHead, feedTable, headSql } from "./feed-sql.ts";
import { END, endOf, NOTHING, type Range, rangesOf, readPage, START } from "./read-feed.ts";
import { newestSettled, settlePosition } from "./snapshot-position.ts";

/** What is asked for. */
export interface FeedQuestion {
  /** Null: everything that has not expired. */
  readonly since: FeedPosition | null;
  /** What the part before ended with; null for the first. */
  readonly cursor: FeedCursor | null;
}

/** Some of what was revoked since a position. */
export interface FeedPart {
  /** Where to go on from once the parts that follow this one are read too; it may have been read before. */
  readonly position: string;
  /** Whether everything is read, and not only what is new since a position. */
  readonly complete: boolean;
  /** What to ask the next part with; null where this was the last. */
  readonly next: FeedCursor | null;
  /** What was issued before this, in seconds since 1970, the feed cannot vouch for. */
  readonly vouchedFrom: number;
  /** Another text whenever a signing key was made, retired or has ended. */
  readonly signingKeys: string;
  /** Packed entries. */
  readonly entries: Buffer;
}

/** Rows of a part: some 200 kilobytes of entries. */
const PART = 10_000;

/**
 * Reads a part of what was revoked since a position, so that no answer is large, however much was revoked. Who has
 * read all parts, and keeps the position that came with the first, has missed nothing.
 */
export async function readPart(
  client: Queryable,
  schema: string,
  { since, cursor }: FeedQuestion,
): Promise<FeedPart> {
  // Of a reading in parts, the position of the first is what counts.
  const settled = cursor === null ? await newestSettled(client, schema) : null;
  const { rows } = await client.query<FeedHead>(headSql(schema), [
    since?.snapshot ?? NOTHING,
    feedTable(schema),
  ]);
  const [head] = rows;
  if (head === undefined) throw new TypeError("PostgreSQL answered without a row");
  if (head.is_read_only)
    throw new DatabaseError("database_unreachable", "The database takes no changes now.");
  const complete = since === null || since.identity !== head.identity;
  const ranges = complete ? [["0", END] as const] : rangesOf(head, since).toSorted(byStart);
  const { next, askedBefore, entries } = await readRanges(client, schema, ranges, cursor ?? START);
  return {
    ...{ complete, next, signingKeys: head.signing_keys },
    position: settlePosition({ identity: head.identity, snapshot: head.snapshot }, settled),
    vouchedFrom: Math.max(head.written_since ?? Number.POSITIVE_INFINITY, askedBefore),
    entries: Buffer.concat(entries),
  };
}

function byStart([one]: Range, [other]: Range): number {
  return BigInt(one) < BigInt(other) ? -1 : 1;
}

interface Gathered {
  readonly entries: readonly Buffer[];
  readonly askedBefore: number;
  readonly next: FeedCursor | null;
}

async function readRanges(
  client: Queryable,
  schema: string,
  ranges: readonly Range[],
  start: FeedCursor,
): Promise<Gathered> {
  const entries: Buffer[] = [];
  let [cursor, rows, askedBefore] = [start, 0, 0];
  for (const range of ranges) {
    for (let isWhole = false; !isWhole; ) {
      if (rows >= PART) return { entries, askedBefore, next: cursor };
      const page = await readPage(client, schema, range, cursor);
      if (page.entries !== null) entries.push(page.entries);
      askedBefore = Math.max(askedBefore, page.asked_before ?? 0);
      const end = endOf(page);
      cursor = end ?? cursor;
      rows += page.rows;
      isWhole = end === null;
    }
  }
  return { entries, askedBefore, next: null };
}
