import { DatabaseError } from "../../errors.ts";
import type { Queryable } from "../../postgres/client.ts";
import type { FeedCursor } from "./feed-cursor.ts";
import { type FeedPosition, nextTransaction } from "./feed-position.ts";
import { type FeedHead, type FeedPage, feedTable, headSql, newsSql, pageSql } from "./feed-sql.ts";

/** What one reading of the feed came to. */
export interface FeedReading {
  readonly position: FeedPosition;
  /** Whether everything was read, and not only what is new since a position. */
  readonly complete: boolean;
  /** What was issued before this, in seconds since 1970, the feed cannot vouch for. */
  readonly vouchedFrom: number;
  /** Which process of the server answered. */
  readonly backend: number;
  /** Another text whenever a signing key was made, retired or has ended. */
  readonly signingKeys: string;
}

/** Takes packed entries in; the next page is asked for when it is done. */
export type TakeEntries = (entries: Uint8Array, count: number) => Promise<void> | void;

/** Rows read at once: a hundred thousand bytes. */
const PAGE = 5_000;

/** Beyond every transaction id that PostgreSQL gives out. */
export const END = "18446744073709551615";

/** A snapshot of the time before the first transaction. */
export const NOTHING = "1:1:";

/** Before the first row of any range. */
export const START: FeedCursor = { transaction: "0", id: "0" };

/** Ranges of transaction ids: from the first, up to before the second. */
export type Range = readonly [from: string, to: string];

/**
 * Reads what was revoked since a position; everything that has not expired, where there is none or it is of another
 * table or server. What is read may have been read before: who takes it must not mind.
 *
 * @throws DatabaseError `database_unreachable` from a server that takes no changes: revocations go to another one.
 */
export async function readFeed(
  client: Queryable,
  schema: string,
  since: FeedPosition | null,
  take: TakeEntries,
): Promise<FeedReading> {
  const head = await readHead(client, schema, since);
  const position = { identity: head.identity, snapshot: head.snapshot };
  const complete = since === null || since.identity !== head.identity;
  const reads = complete
    ? [readRange(client, schema, ["0", END], take, null)]
    : rangesOf(head, since).map((range) =>
        readRange(client, schema, range, take, firstPage(range, head, since)),
      );
  let vouchedFrom = head.written_since ?? Number.POSITIVE_INFINITY;
  for (const read of reads) vouchedFrom = Math.max(vouchedFrom, await read());
  return { position, complete, vouchedFrom, signingKeys: head.signing_keys, backend: head.backend };
}

type News = FeedHead & Partial<FeedPage>;

async function readHead(client: Queryable, schema: string, since: FeedPosition | null): Promise<News> {
  const { rows } =
    since === null
      ? await client.query<News>(headSql(schema), [NOTHING, feedTable(schema)])
      : await client.query<News>(newsSql(schema), [since.snapshot, feedTable(schema), PAGE]);
  const [head] = rows;
  if (head === undefined) throw new TypeError("PostgreSQL answered without a row");
  if (head.is_read_only)
    throw new DatabaseError("database_unreachable", "The database takes no changes now.");
  return head;
}

/** The page that came with the head is that of the last range. */
function firstPage(range: Range, head: News, since: FeedPosition): FeedPage | null {
  const isNext = range[0] === nextTransaction(since.snapshot);
  return isNext && head.rows !== undefined ? (head as FeedHead & FeedPage) : null;
}

/** What a position did not see and the head does. */
export function rangesOf(head: FeedHead, since: FeedPosition): Range[] {
  const late = (head.late ?? []).map((id): Range => [id, String(BigInt(id) + 1n)]);
  // Up to what the new position does not see, for that would be read again; a restored dump has ids far beyond.
  const next: Range = [nextTransaction(since.snapshot), nextTransaction(head.snapshot)];
  return head.has_new ? [...late, next] : late;
}

/** Reads when it is called, and answers before when tokens are the business of the database; 0 where none is. */
function readRange(
  client: Queryable,
  schema: string,
  range: Range,
  take: TakeEntries,
  first: FeedPage | null,
): () => Promise<number> {
  return async () => {
    let askedBefore = 0;
    let next: Promise<FeedPage> | FeedPage | null = first ?? readPage(client, schema, range, START);
    while (next !== null) {
      const page: FeedPage = await next;
      const end = endOf(page);
      // The server makes the next page while this one is taken in.
      const following: Promise<FeedPage> | null = end === null ? null : readPage(client, schema, range, end);
      following?.catch(() => undefined);
      if (page.entries !== null) await take(page.entries, page.count);
      askedBefore = Math.max(askedBefore, page.asked_before ?? 0);
      next = following;
    }
    return askedBefore;
  };
}

/** Reads the rows of a range that come after the cursor, one page of them. */
export async function readPage(
  client: Queryable,
  schema: string,
  [from, to]: Range,
  { transaction, id }: FeedCursor,
): Promise<FeedPage> {
  const { rows } = await client.query<FeedPage>(pageSql(schema), [from, to, transaction, id, PAGE]);
  const [page] = rows;
  if (page === undefined) throw new TypeError("PostgreSQL answered without a row");
  return page;
}

/** After which row the next page begins; null where there is none. */
export function endOf({ last_transaction: transaction, last_id: id }: FeedPage): FeedCursor | null {
  return transaction === null || id === null ? null : { transaction, id };
}
