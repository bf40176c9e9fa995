import { randomBytes } from "node:crypto";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import type { Queryable } from "../../postgres/client.ts";
import { quoteIdentifier } from "../../postgres/identifiers.ts";
import type { Bell } from "./bell.ts";
import type { FeedPosition } from "./feed-position.ts";
import { type Clocks, type Mark, readMark, wasSetBack } from "./freshness.ts";
import type { Places } from "./places.ts";
import { type FeedReading, readFeed } from "./read-feed.ts";
import type { RevocationSet } from "./revocation-set.ts";

/** What the feed is followed on; one that hears nothing asks more often. */
export interface FeedConnection {
  /** Does one piece of work; when it fails, the connection that it was done on is not used again. */
  run<Result>(work: (client: Queryable) => Promise<Result>): Promise<Result>;
  /** Null where notifications cannot arrive. */
  readonly onNotification: ((hear: (payload: string | null) => void) => void) | null;
  /** To be called when a notification has arrived: it is one and the same server process all along. */
  prepare(): void;
  close(): void;
}

/** What following takes. */
export interface FollowOptions {
  readonly schema: string;
  readonly channel: string;
  readonly set: RevocationSet;
  readonly places: Places;
  readonly clocks: Clocks;
  /** Rings when there may be news, and when whoever follows is to stop. */
  readonly bell: Bell;
  /** Milliseconds between two looks: when told of news, and when not. */
  readonly pause: { readonly listening: number; readonly looking: number };
  /**
   * Told of each reading, of what was new in it, and of the moment it was asked for. Nothing else is read until
   * what it returns has come about.
   */
  readonly onRead: (reading: FeedReading, entries: readonly Uint8Array[], mark: Mark) => Promise<void>;
}

/** Entries taken in before others have their turn: a fraction of a millisecond. */
const SLICE = 500;

/** Milliseconds from one look to the next at least, so that a flood of news is read in some gulps. */
const GAP = 4;

/** Milliseconds for a word to ourselves to come back. */
const ECHO = 400;

const HELLO = "hello ";

/** Follows the feed until the signal; throws what broke it. */
export async function follow(
  connection: FeedConnection,
  options: FollowOptions,
  signal: AbortSignal,
): Promise<void> {
  const { bell, places, pause, clocks } = options;
  const echoes = new Set<string>();
  let isGone = false;
  connection.onNotification?.((payload) => {
    if (payload === null) isGone = true;
    else if (payload.startsWith(HELLO)) echoes.add(payload);
    bell.ring();
  });
  const isListening =
    connection.onNotification !== null &&
    (await connection.run((client) => listen(client, options, echoes, signal)));
  if (isListening) connection.prepare();
  let backend: number | undefined;
  while (!signal.aborted) {
    if (isGone) throw new Error("the connection that the revocations were followed on is gone");
    const read = (from: FeedPosition | null) => connection.run((client) => readOnce(client, options, from));
    // Another process of the server may be one of after a crash: it is asked about what settled before.
    let news = await read(backend === undefined ? places.settled() : places.latest());
    if (backend !== undefined && news.reading.backend !== backend) news = await read(places.settled());
    backend = news.reading.backend;
    // What expired by a clock that ran ahead was dropped, and is valid again by the clock that was put right.
    if (wasSetBack(places.mark(), clocks)) {
      places.forget();
      continue;
    }
    await options.onRead(news.reading, news.entries, news.mark);
    places.reached(news.reading.position, news.mark);
    await sleep(GAP, undefined, { ref: false });
    await bell.wait(isListening ? pause.listening : pause.looking);
  }
}

async function readOnce(
  client: Queryable,
  { schema, set, clocks }: FollowOptions,
  since: FeedPosition | null,
): Promise<{ reading: FeedReading; entries: readonly Uint8Array[]; mark: Mark }> {
  const mark = readMark(clocks);
  const taken: Uint8Array[] = [];
  const reading = await readFeed(client, schema, since, async (entries, count) => {
    for (let from = 0; from < count; from += SLICE) {
      if (from > 0) await turn();
      set.addPacked(entries, from, Math.min(SLICE, count - from));
    }
    if (since !== null) taken.push(entries);
  });
  return { reading, entries: reading.complete ? [] : taken, mark };
}

/**
 * Asks to be told, and finds out whether that works: behind a pooler that lends a connection for a transaction
 * LISTEN is forgotten, or heard by somebody else.
 */
async function listen(
  client: Queryable,
  { channel, bell }: FollowOptions,
  echoes: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<boolean> {
  const hello = `${HELLO}${randomBytes(9).toString("base64url")}`;
  await client.query(`LISTEN ${quoteIdentifier(channel)}`);
  await client.query("SELECT pg_notify($1, $2)", [channel, hello]);
  const until = performance.now() + ECHO;
  while (!echoes.has(hello) && performance.now() < until && !signal.aborted)
    await bell.wait(until - performance.now());
  if (!echoes.has(hello)) await client.query(`UNLISTEN ${quoteIdentifier(channel)}`);
  return echoes.has(hello);
}
