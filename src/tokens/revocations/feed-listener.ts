/** Who reads a stream of the feed. */
export interface FeedListener {
  readonly isOpen: boolean;
  /** Bytes that may still wait for it. */
  readonly room: number;
  /** Writes a text or bytes; ends the stream where too much waits already. */
  push(chunk: string | Uint8Array): void;
  /** Tells of news, which is `data: …` and an empty line, with the position to resume at. */
  tell(data: Uint8Array, id: string | null): void;
  /** Tells of what came before. */
  catchUp(data: Uint8Array): void;
  /** Says that everything up to a position is told. */
  follow(id: string | null): void;
  /** A sign of life, which keeps proxies from ending the stream. */
  beat(id: string | null): void;
  end(): void;
  /** It has gone away by itself. */
  leave(): void;
}

const EVENT = "event: revoked\n";

/** Writes to a stream until it ends, which `onEnd` is told of. */
export function createFeedListener(
  controller: ReadableStreamDefaultController<Uint8Array>,
  onEnd: () => void,
): FeedListener {
  let [isOpen, isCaughtUp] = [true, false];
  const room = () => controller.desiredSize ?? 0;
  const leave = () => {
    isOpen = false;
    onEnd();
  };
  const end = () => {
    if (!isOpen) return;
    leave();
    controller.close();
  };
  const push = (chunk: string | Uint8Array) => {
    if (!isOpen) return;
    if (room() > 0) controller.enqueue(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
    else end();
  };
  return {
    get isOpen() {
      return isOpen;
    },
    get room() {
      return room();
    },
    ...{ push, end, leave },
    tell(data, id) {
      // Who has not been told of what came before may not resume behind it.
      push(id === null || !isCaughtUp ? EVENT : `${EVENT}id: ${id}\n`);
      push(data);
    },
    catchUp(data) {
      push(EVENT);
      push(data);
    },
    follow(id) {
      isCaughtUp = true;
      if (id !== null) push(`id: ${id}\n\n`);
    },
    beat(id) {
      push(id === null || !isCaughtUp ? ": \n\n" : `: \nid: ${id}\n\n`);
    },
  };
}
