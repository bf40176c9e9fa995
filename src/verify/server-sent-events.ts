/** Bytes of an event, comments before it included. */
const LONGEST = 65_536;

const [LINE_FEED, CARRIAGE_RETURN] = [10, 13];

/** What an event has to have to be one. */
const DATA = Buffer.from("data:");

/**
 * How many events end with each part of a stream that arrives; 0 is a sign of life alone. What they say is not signed, so
 * nothing of it is kept.
 *
 * @throws RangeError where an event does not end within 64 KiB.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export async function* countEvents(
  stream: AsyncIterable<Uint8Array>,
): AsyncGenerator<number, void, undefined> {
  const count = createCount();
  for await (const chunk of stream) yield count(chunk);
}

/** Keeps three numbers of what came before. */
function createCount(): (chunk: Uint8Array) => number {
  // Bytes of the event, bytes of the line (a CR before its LF is none), and how many of them are those of DATA.
  let [size, length, alike, hasData] = [0, 0, 0, false];
  return (chunk) => {
    let events = 0;
    for (const byte of chunk) {
      size += 1;
      if (size > LONGEST) throw new RangeError("an event of the stream does not end");
      if (byte !== LINE_FEED) {
        if (alike === length && byte === DATA[alike]) alike += 1;
        if (byte !== CARRIAGE_RETURN) length += 1;
        continue;
      }
      hasData ||= alike === DATA.length;
      if (length === 0 && hasData) events += 1;
      if (length === 0) [size, hasData] = [0, false];
      [length, alike] = [0, 0];
    }
    return events;
  };
}
