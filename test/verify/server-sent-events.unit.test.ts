import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countEvents } from "../../src/verify/server-sent-events.ts";

const STREAM =
  ": open\n\nevent: revoked\nid: 1/2\ndata: AAAA\n\n: \nid: 1/3\n\nevent: revoked\r\ndata:BBBB\r\ndata: CC\r\n\r\ndata: cut off";

describe("a stream of events", () => {
  test("is the same however the network cuts it up; an event that is cut off is none", async () => {
    const bytes = Buffer.from(STREAM);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 20 }), async (cuts) => {
        const at = [0, ...cuts.toSorted((one, other) => one - other), bytes.length];
        const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        const counts = await countsOf(chunks);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2);
      }),
    );
  });

  test("shows a sign of life with each part that arrives", async () => {
    expect(await countsOf([": ", "\n\n"].map((text) => Buffer.from(text)))).toEqual([0, 0]);
  });

  test.for([
    ["a line", "x"],
    ["an event", "data: AAAA\n"],
    ["comments", ": AAAA\n"],
  ])("that never ends %s is broken off after 64 KiB", async ([, text = ""]) => {
    let sent = 0;
    const endless = async function* () {
      for (; ; sent += 1_000) yield Buffer.alloc(1_000, text);
    };
    await expect(countsOf(endless())).rejects.toThrow(RangeError);
    expect(sent).toBeLessThan(70_000);
  });
});

async function countsOf(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<number[]> {
  const counts: number[] = [];
  for await (const count of countEvents(ReadableStream.from(chunks))) counts.push(count);
  return counts;
}
