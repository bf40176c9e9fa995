/** Characters of a line: the longest has a part of the feed. */
const LONGEST = 2_000_000;

/**
 * The data of each event of a stream, and null for each other sign of life. Names and ids are of no use here.
 *
 * @throws RangeError where a line does not end.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export async function* readEvents(
  stream: AsyncIterable<Uint8Array>,
): AsyncGenerator<string | null, void, undefined> {
  const decoder = new TextDecoder();
  let [rest, data]: [string, string[]] = ["", []];
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
    rest = lines.pop() ?? "";
    if (rest.length > LONGEST) throw new RangeError("a line of the stream does not end");
    yield null;
    for (const line of lines) {
      if (line.startsWith("data:")) data.push(line.slice(5).trimStart());
      if (line !== "") continue;
      if (data.length > 0) yield data.join("\n");
      data = [];
    }
  }
}
