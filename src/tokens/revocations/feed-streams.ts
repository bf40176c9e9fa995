import { setTimeout as sleep } from "node:timers/promises";
import type { FeedCursor } from "./feed-cursor.ts";
import { createFeedListener, type FeedListener } from "./feed-listener.ts";
import { writePosition } from "./feed-position.ts";
import { createPlaces, type Places } from "./places.ts";
import type { Revocations } from "./revocations.ts";
import type { FeedPart } from "./snapshot.ts";

/** What is revoked, told as it happens. */
export interface FeedStreams {
  /**
   * Server-sent events, of what was revoked since a position first where one is given; null where there are too
   * many streams, or none any more. A stream whose reader is slow ends, and is resumed.
   *
   * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
   */
  openStream(after: string | undefined): ReadableStream<Uint8Array> | null;
  /** Ends all streams, and opens none any more. */
  endStreams(): void;
}

/** Reads a part of the feed. */
type ReadPart = (after: string | undefined, cursor: FeedCursor | null) => Promise<FeedPart>;

/** What the streams are fed with. */
export interface FeedStreamsOptions {
  readonly read: ReadPart;
  readonly subscribe: Revocations["subscribe"];
}

const MOST_STREAMS = 1_000;

/** Bytes that wait for a reader: no more than two parts of the feed. */
const BUFFER = 600_000;

/** Bytes of news that is told at once; more is read from the database by each, as fast as it can. */
const LARGE = 48_000;

/** Milliseconds between two signs of life. */
const BEAT = 15_000;

/** Begins to pass on what is new. */
export function createFeedStreams({ read, subscribe }: FeedStreamsOptions): FeedStreams {
  const [listeners, places] = [new Set<FeedListener>(), createPlaces()];
  let isOver = false;
  // Until the feed was read once, nobody would be told of what happens.
  let early: (() => void)[] | null = [];
  const endAll = () => {
    for (const listener of [...listeners]) listener.end();
  };
  const unsubscribe = subscribe((reading, entries) => {
    const bytes = entries.reduce((sum, { length }) => sum + length, 0);
    if (reading.complete) places.forget();
    places.reached(reading.position, { steady: performance.now(), now: Date.now() });
    if (early !== null) {
      for (const begin of early.splice(0)) begin();
      early = null;
    } else if (reading.complete || bytes > LARGE) endAll();
    else if (bytes > 0) tell(listeners, entries, settledId(places));
  });
  const beat = () => {
    for (const listener of [...listeners]) listener.beat(settledId(places));
  };
  const beating = setInterval(beat, BEAT).unref();
  return {
    openStream(after) {
      if (isOver || listeners.size >= MOST_STREAMS) return null;
      return openStream(listeners, (listener) => {
        const begin = () => {
          listener.push(": open\n\n");
          if (after === undefined) listener.follow(settledId(places));
          else void catchUp(read, after, listener);
        };
        if (early === null) begin();
        else early.push(begin);
      });
    },
    endStreams() {
      isOver = true;
      clearInterval(beating);
      unsubscribe();
      endAll();
    },
  };
}

function openStream(
  listeners: Set<FeedListener>,
  begin: (listener: FeedListener) => void,
): ReadableStream<Uint8Array> {
  let listener: FeedListener | undefined;
  const start = (controller: ReadableStreamDefaultController<Uint8Array>) => {
    const made: FeedListener = createFeedListener(controller, () => listeners.delete(made));
    listener = made;
    // What is new meanwhile comes twice then, and is not missed.
    listeners.add(made);
    begin(made);
  };
  const size = ({ byteLength }: Uint8Array) => byteLength;
  return new ReadableStream({ start, cancel: () => listener?.leave() }, { highWaterMark: BUFFER, size });
}

/** A position that whoever resumes may go on from, whatever became of the database meanwhile. */
function settledId(places: Places): string | null {
  const position = places.settled();
  return position === null ? null : writePosition(position);
}

function tell(listeners: ReadonlySet<FeedListener>, entries: readonly Uint8Array[], id: string | null): void {
  const data = Buffer.from(`data: ${Buffer.concat(entries).toString("base64url")}\n\n`);
  for (const listener of [...listeners]) listener.tell(data, id);
}

/** Tells what was revoked since a position, in parts; the position moves when all of them are told. */
async function catchUp(read: ReadPart, after: string, listener: FeedListener): Promise<void> {
  try {
    let position: string | undefined;
    for (let cursor: FeedCursor | null | undefined; cursor !== null && listener.isOpen; ) {
      const part: FeedPart = await read(after, cursor ?? null);
      position ??= part.position;
      cursor = part.next;
      await room(listener);
      listener.catchUp(Buffer.from(`data: ${part.entries.toString("base64url")}\n\n`));
    }
    listener.follow(position ?? null);
  } catch {
    // The database does not answer: whoever listens comes again.
    listener.end();
  }
}

/** Waits until a reader has taken half of what waits for it. */
async function room(listener: FeedListener): Promise<void> {
  while (listener.isOpen && listener.room < BUFFER / 2) await sleep(20);
}
