import { describe, expect, test } from "vitest";
import { createKeyCache } from "../../../src/tokens/keys/key-cache.ts";
import type { KeyRing } from "../../../src/tokens/stored-keys.ts";
import { eventually } from "../../support/eventually.ts";

/** A reading that ends when the test says so. */
interface Reading {
  answer(name: number): void;
  fail(): void;
}

function ringOf(readAt: number): KeyRing {
  return { keys: [], isForeign: false, readAt, age: () => 0 };
}

/** A cache over a database that answers when it is told to. */
function cacheOf() {
  const readings: Reading[] = [];
  const read = () =>
    new Promise<KeyRing>((resolve, reject) => {
      const fail = () => reject(new Error("the database does not answer"));
      readings.push({ answer: (name) => resolve(ringOf(name)), fail });
    });
  let clock = 0;
  const pass = (milliseconds: number) => {
    clock += milliseconds;
  };
  return { cache: createKeyCache(read, () => clock), read, readings, pass };
}

/** Lets what is due happen: looks that need not wait are sent by a timer of no time. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

describe("what is known of the keys", () => {
  test("is infinitely old before anything was read", () => {
    expect(cacheOf().cache.ring().age()).toBe(Number.POSITIVE_INFINITY);
  });

  test("is never overwritten by what was asked for before it", async () => {
    const { cache, read, readings } = cacheOf();
    const early = cache.load(read);
    const late = cache.load(read);
    readings[1]?.answer(2);
    await late;
    readings[0]?.answer(1);
    await early;
    expect(cache.ring().readAt).toBe(2);
  });

  test("stays where a reading fails, and the next one counts", async () => {
    const { cache, read, readings, pass } = cacheOf();
    const first = cache.load(read);
    readings[0]?.answer(1);
    await first;
    pass(2_000);
    const look = cache.look();
    await settle();
    readings[1]?.fail();
    await expect(look).rejects.toThrow("does not answer");
    expect(cache.ring().readAt).toBe(1);
    pass(2_000);
    const again = cache.lookOrJoin();
    await settle();
    readings[2]?.answer(3);
    await again;
    expect(cache.ring().readAt).toBe(3);
  });
});

describe("a look", () => {
  test("is joined by those who come before it is sent; who comes later waits for the next", async () => {
    const { cache, readings } = cacheOf();
    const looks = [cache.look(), cache.look(), cache.lookOrJoin()];
    await settle();
    expect(readings).toHaveLength(1);
    const later = cache.look();
    await settle();
    expect(readings).toHaveLength(1);
    readings[0]?.answer(1);
    await Promise.all(looks);
    expect(cache.ring().readAt).toBe(1);
    await eventually(() => readings.length).toBe(2);
    readings[1]?.answer(2);
    await later;
    expect(cache.ring().readAt).toBe(2);
  });

  test("that is under way is new enough for those who only want to know what is so by now", async () => {
    const { cache, readings } = cacheOf();
    const look = cache.look();
    await settle();
    const joined = cache.lookOrJoin();
    readings[0]?.answer(1);
    await Promise.all([look, joined]);
    expect(readings).toHaveLength(1);
  });
});
