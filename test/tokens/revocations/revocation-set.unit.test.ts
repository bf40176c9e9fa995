import { describe, expect, test } from "vitest";
import { CLOCK_SKEW_SECONDS } from "../../../src/tokens/clock-skew.ts";
import { type RevocationKey, sessionKey, tokenKey } from "../../../src/tokens/revocations/revocation-key.ts";
import {
  createRevocationSet,
  EVERY_GENERATION,
  PACKED_ENTRY_BYTES,
} from "../../../src/tokens/revocations/revocation-set.ts";

const NOW = 1_900_000_000;
const SHARDS = 4_096;

/** A set whose clock stands still until the test moves it. */
function setAt(seconds: number) {
  const clock = { seconds };
  return { clock, set: createRevocationSet({ now: () => clock.seconds }) };
}

/** Keys of one and the same shard, which is chosen by the first 12 bits. */
function keyOfOneShard(number: number): RevocationKey {
  return [0xabc0_0000 + (number % 1_000), Math.imul(number, 0x9e37_79b1) >>> 0, number];
}

/** Entries as they come from a feed. */
function pack(entries: readonly (readonly [RevocationKey, number, number])[]): Uint8Array {
  const bytes = Buffer.alloc(entries.length * PACKED_ENTRY_BYTES);
  for (const [index, [key, expires, generation]] of entries.entries()) {
    for (const [word, value] of [...key, expires, generation].entries()) {
      bytes.writeUInt32BE(value, index * PACKED_ENTRY_BYTES + word * 4);
    }
  }
  return bytes;
}

describe("an entry", () => {
  test("is found by its key alone, and says which tokens are meant", () => {
    const { set } = setAt(NOW);
    set.add(tokenKey("a"), NOW + 900, EVERY_GENERATION);
    set.add(sessionKey("a"), NOW + 900, 7);
    expect([tokenKey("a"), sessionKey("a"), tokenKey("b")].map(set.generationOf)).toEqual([
      0xffff_ffff, 7, 0,
    ]);
    expect(set.size).toBe(2);
  });

  test("is good for the clock skew past its expiry, and not a second longer, swept or not", () => {
    const { clock, set } = setAt(NOW);
    set.add(tokenKey("a"), NOW + 10, 3);
    clock.seconds = NOW + 10 + CLOCK_SKEW_SECONDS;
    expect(set.sweep(SHARDS)).toBe(0);
    expect(set.generationOf(tokenKey("a"))).toBe(3);
    clock.seconds += 1;
    expect(set.generationOf(tokenKey("a"))).toBe(0);
    expect([set.size, set.sweep(SHARDS), set.size, set.bytes]).toEqual([1, 1, 0, 0]);
  });

  test("added again keeps the later expiry and the higher generation, in whatever order they come", () => {
    const { clock, set } = setAt(NOW);
    const times = [
      { expires: NOW + 100, generation: 1 },
      { expires: NOW + 50, generation: 2 },
    ];
    for (const { expires, generation } of times) set.add(tokenKey("a"), expires, generation);
    for (const { expires, generation } of times.toReversed()) set.add(tokenKey("b"), expires, generation);
    expect(set.size).toBe(2);
    clock.seconds = NOW + 100 + CLOCK_SKEW_SECONDS;
    expect([tokenKey("a"), tokenKey("b")].map(set.generationOf)).toEqual([2, 2]);
    clock.seconds += 1;
    expect([tokenKey("a"), tokenKey("b")].map(set.generationOf)).toEqual([0, 0]);
  });

  test("may have a key of zeros, wholly or in part", () => {
    const { clock, set } = setAt(NOW);
    const keys: RevocationKey[] = [
      [0, 0, 0],
      [0, 0, 1],
      [0, 1, 0],
      [1, 0, 0],
      [0, 0xffff_ffff, 0],
    ];
    expect(keys.map(set.generationOf)).toEqual([0, 0, 0, 0, 0]);
    for (const [index, key] of keys.entries()) set.add(key, NOW + index, index + 1);
    expect(keys.map(set.generationOf)).toEqual([1, 2, 3, 4, 5]);
    clock.seconds = NOW + CLOCK_SKEW_SECONDS + 1;
    expect(set.sweep(SHARDS)).toBe(1);
    expect(keys.map(set.generationOf)).toEqual([0, 2, 3, 4, 5]);
  });

  test("is held by a clock that begins at zero as by any other", () => {
    const { set } = setAt(0);
    const numbers = Array.from({ length: 100 }, (_, number) => number);
    for (const number of numbers) set.add(keyOfOneShard(number), 1, number + 1);
    expect(set.sweep(SHARDS)).toBe(0);
    expect(numbers.map((number) => set.generationOf(keyOfOneShard(number)))).toEqual(
      numbers.map((n) => n + 1),
    );
    expect(set.size).toBe(100);
  });

  test("that expires at no time at all is not added", () => {
    const { set } = setAt(0);
    for (const expires of [0, -1, Number.NEGATIVE_INFINITY]) set.add(tokenKey("a"), expires, 1);
    set.addPacked(pack([[tokenKey("a"), 0, 1]]), 0, 1);
    expect([set.size, set.generationOf(tokenKey("a"))]).toEqual([0, 0]);
  });
});

describe("numbers that 32 bits do not hold", () => {
  test("an expiry past 2106 is good for good, also after 2106", () => {
    const { clock, set } = setAt(NOW);
    const given = [2 ** 32, 2 ** 33 + 1, Number.POSITIVE_INFINITY, Number.NaN];
    for (const [index, expires] of given.entries()) set.add([index, 0, 0], expires, 1);
    for (const seconds of [NOW, 2 ** 32 - 1, 2 ** 32 + 100, 2 ** 40]) {
      clock.seconds = seconds;
      expect(set.sweep(SHARDS)).toBe(0);
      expect(given.map((_, index) => set.generationOf([index, 0, 0]))).toEqual([1, 1, 1, 1]);
    }
  });

  test("a generation past them is every generation, and never one that comes round again", () => {
    const { set } = setAt(NOW);
    const given = [2 ** 32 - 2, 2 ** 32, 2 ** 32 + 1, 2 ** 53];
    for (const [index, generation] of given.entries()) set.add([index, 0, 0], NOW, generation);
    expect(given.map((_, index) => set.generationOf([index, 0, 0]))).toEqual([
      EVERY_GENERATION - 1,
      ...new Array(3).fill(EVERY_GENERATION),
    ]);
  });

  test("a part of a second counts as the whole of it", () => {
    const { clock, set } = setAt(NOW);
    set.add(tokenKey("a"), NOW + 0.2, 1);
    clock.seconds = NOW + 1 + CLOCK_SKEW_SECONDS;
    expect(set.generationOf(tokenKey("a"))).toBe(1);
  });
});

describe("packed entries", () => {
  const entries = ["a", "b", "c", "d"].map((id, index) => [tokenKey(id), NOW + 900, index + 1] as const);
  const found = (set: { generationOf(key: RevocationKey): number }) =>
    entries.map(([key]) => set.generationOf(key));

  test("are added from where it is said, as many as it is said", () => {
    const { set } = setAt(NOW);
    set.addPacked(pack(entries), 1, 2);
    expect(found(set)).toEqual([0, 2, 3, 0]);
    set.addPacked(pack(entries), 0, 4);
    expect(found(set)).toEqual([1, 2, 3, 4]);
    expect(set.size).toBe(4);
  });

  test("may lie anywhere in a larger buffer", () => {
    const { set } = setAt(NOW);
    const around = Buffer.concat([Buffer.alloc(3, 0xff), pack(entries), Buffer.alloc(40, 0xff)]);
    set.addPacked(around.subarray(3, 3 + 4 * PACKED_ENTRY_BYTES), 0, 4);
    expect(found(set)).toEqual([1, 2, 3, 4]);
    expect(set.size).toBe(4);
  });

  test("that are fewer than said, or cut off, are an error and never silence", () => {
    const { set } = setAt(NOW);
    const bytes = pack(entries);
    expect(() => set.addPacked(bytes, 0, 5)).toThrow(RangeError);
    expect(() => set.addPacked(bytes.subarray(0, -1), 0, 4)).toThrow(RangeError);
    // A part of a larger buffer ends where it ends, not where the buffer does.
    expect(() => set.addPacked(bytes.subarray(0, 30), 1, 1)).toThrow(RangeError);
  });
});

describe("many entries", () => {
  test("of one shard are all found while it grows, and what was never added is not", () => {
    const { set } = setAt(NOW);
    for (let number = 0; number < 20_000; number += 1) set.add(keyOfOneShard(number), NOW, number + 1);
    for (let number = 0; number < 20_000; number += 1) {
      if (set.generationOf(keyOfOneShard(number)) !== number + 1) expect.fail(`entry ${number} is lost`);
      if (set.generationOf(keyOfOneShard(number + 20_000)) !== 0) expect.fail(`${number} is made up`);
    }
    expect(set.size).toBe(20_000);
  });

  test("with the same place to begin at, also the last one, do not lose each other", () => {
    const { set } = setAt(NOW);
    const keys = [0, 1, 0x8000_0000, 0xffff_ffff].flatMap((second) =>
      Array.from({ length: 200 }, (_, third): RevocationKey => [0, second, third]),
    );
    for (const [index, key] of keys.entries()) set.add(key, NOW, index + 1);
    expect(keys.map(set.generationOf)).toEqual(keys.map((_, index) => index + 1));
  });

  test("that have expired make room for others without a sweep", () => {
    const { clock, set } = setAt(NOW);
    for (let number = 0; number < 100_000; number += 1) {
      clock.seconds = NOW + Math.floor(number / 10);
      set.add(keyOfOneShard(number), clock.seconds + 10, 1);
    }
    // 150 are alive at any time: for 15 seconds ten a second.
    expect(set.size).toBeLessThan(400);
    expect(set.bytes).toBeLessThan(160 * 48);
    const alive = [99_999, 99_900].map((number) => set.generationOf(keyOfOneShard(number)));
    expect(alive).toEqual([1, 1]);
    expect(set.generationOf(keyOfOneShard(90_000))).toBe(0);
  });

  test("take their memory with them when they are swept, a few shards at a time", () => {
    const { clock, set } = setAt(NOW);
    for (let number = 0; number < 50_000; number += 1) {
      set.add([Math.imul(number, 0x9e37_79b1) >>> 0, number, 0], NOW + (number % 10 === 0 ? 900 : 0), 1);
    }
    clock.seconds = NOW + 100;
    const dropped = Array.from({ length: SHARDS / 64 }, () => set.sweep(64));
    expect(dropped.every((count) => count > 0)).toBe(true);
    expect(dropped.reduce((total, count) => total + count)).toBe(45_000);
    expect([set.size, set.sweep(10 * SHARDS)]).toEqual([5_000, 0]);
    expect(set.bytes / set.size).toBeLessThanOrEqual(80);
  });
});

describe("memory", () => {
  test("is at most 48 bytes an entry, at a million and at every size on the way there", () => {
    const { clock, set } = setAt(NOW);
    const perEntry: number[] = [];
    for (let number = 1; number <= 1_000_000; number += 1) {
      const first = Math.imul(number, 0x9e37_79b1) >>> 0;
      set.add(
        [first, Math.imul(first ^ 0x5bd1_e995, 0x85eb_ca6b) >>> 0, number],
        NOW + (number % 4) * 100,
        1,
      );
      if (number >= 20_000 && number % 2_000 === 0) perEntry.push(set.bytes / set.size);
    }
    expect(set.size).toBe(1_000_000);
    expect(Math.max(...perEntry)).toBeLessThanOrEqual(48);
    // And on the way back, after three quarters of them expired one quarter at a time.
    for (const left of [750_000, 500_000, 250_000]) {
      clock.seconds += 100;
      set.sweep(SHARDS);
      expect(set.size).toBe(left);
      expect(set.bytes / set.size).toBeLessThanOrEqual(48);
    }
  });
});
