import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readEvents } from "../../src/verify/server-sent-events.ts";

const STREAM =
  ": open\n\nevent: revoked\nid: 1/2\ndata: AAAA\n\n: \nid: 1/3\n\nevent: revoked\r\ndata:BBBB\r\ndata: CC\r\n\r\ndata: cut off";

describe("a stream of events", () => {
  test("is the same however the network cuts it up; an event that is cut off is none", async () => {
    const bytes = Buffer.from(STREAM);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 20 }), async (cuts) => {
        const at = [0, ...cuts.toSorted((one, other) => one - other), bytes.length];
        const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
        const events = await eventsOf(chunks);
        expect(events.filter((event) => event !== null)).toEqual(["AAAA", "BBBB\nCC"]);
      }),
    );
  });

  test("shows a sign of life with each part that arrives", async () => {
    expect(await eventsOf([": ", "\n\n"].map((text) => Buffer.from(text)))).toEqual([null, null]);
  });

  test("that never ends a line is broken off", async () => {
    const endless = Array.from({ length: 40 }, () => Buffer.alloc(100_000, "x"));
    await expect(eventsOf(endless)).rejects.toThrow(RangeError);
  });
});

async function eventsOf(chunks: readonly Uint8Array[]): Promise<(string | null)[]> {
  const events: (string | null)[] = [];
  for await (const event of readEvents(ReadableStream.from(chunks))) events.push(event);
  return events;
}
