import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createFeedStreams, type FeedStreams } from "../../../src/tokens/revocations/feed-streams.ts";
import type { OnNews } from "../../../src/tokens/revocations/revocations.ts";

const IDENTITY = "1.00000001.2.3";
const ENTRY = Buffer.alloc(20, 7);

let streams: FeedStreams;
let news: OnNews;

beforeEach(() => {
  vi.useFakeTimers();
  streams = createFeedStreams({
    read: async (after, cursor) => ({
      ...{ position: `after ${after}`, complete: false, vouchedFrom: 0, signingKeys: "" },
      next: cursor === null ? { transaction: "7", id: "1" } : null,
      entries: ENTRY,
    }),
    subscribe: (onNews) => {
      news = onNews;
      return () => undefined;
    },
  });
});
afterEach(() => {
  streams.endStreams();
  vi.useRealTimers();
});

function tell(transaction: number, complete = false, entries: readonly Uint8Array[] = [ENTRY]): void {
  const snapshot = `${transaction}:${transaction}:`;
  const reading = {
    position: { identity: IDENTITY, snapshot },
    complete,
    vouchedFrom: 0,
    signingKeys: "",
    backend: 1,
  };
  news(reading, complete ? [] : entries);
}

function textOf(stream: ReadableStream<Uint8Array> | null): Promise<string> {
  return new Response(stream).text();
}

const EVENT = `event: revoked\ndata: ${ENTRY.toString("base64url")}\n\n`;

describe("a stream", () => {
  test("shows every 15 seconds that it goes on", async () => {
    tell(100, true);
    const stream = streams.openStream(undefined);
    await vi.advanceTimersByTimeAsync(45_000);
    streams.endStreams();
    expect(await textOf(stream)).toBe(": open\n\n: \n\n: \n\n: \n\n");
  });

  test("begins when the feed was read once", async () => {
    const stream = streams.openStream(undefined);
    tell(100, true);
    tell(101);
    streams.endStreams();
    expect(await textOf(stream)).toBe(`: open\n\n${EVENT}`);
  });

  test("names no position before it has settled for ten seconds", async () => {
    tell(100, true);
    const stream = streams.openStream(undefined);
    tell(101);
    for (let time = 0; time < 3; time += 1) {
      await vi.advanceTimersByTimeAsync(6_000);
      tell(102 + time);
    }
    streams.endStreams();
    const ids = [...(await textOf(stream)).matchAll(/^id: (.*)$/gm)].map(([, id]) => id);
    expect(ids.at(0)).toBe(`${IDENTITY}/100:100:`);
  });

  test("names the position that was caught up to when all of it is told, and no newer one before", async () => {
    tell(100, true);
    for (let time = 0; time < 3; time += 1) {
      await vi.advanceTimersByTimeAsync(12_000);
      tell(101 + time);
    }
    const stream = streams.openStream("x");
    tell(110);
    await vi.advanceTimersByTimeAsync(100);
    streams.endStreams();
    expect(await textOf(stream)).toBe(`: open\n\n${EVENT}${EVENT}${EVENT}id: after x\n\n`);
  });

  test.for([
    ["everything was read anew, which tells nobody what was new", true, [ENTRY]],
    ["more is new than is told at once", false, [Buffer.alloc(60_000)]],
  ] as const)("ends, to be resumed, when %s", async ([, complete, entries]) => {
    tell(100, true);
    const stream = streams.openStream(undefined);
    tell(101, complete, entries);
    expect(await textOf(stream)).toBe(": open\n\n");
  });
});
