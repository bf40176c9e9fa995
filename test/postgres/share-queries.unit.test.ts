import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { shareQueries } from "../../src/postgres/share-queries.ts";

test("those who ask while others are answered go together, each with an answer of their own", async () => {
  const asked: number[][] = [];
  const ask = shareQueries(
    async (questions: readonly number[]) => {
      asked.push([...questions]);
      await sleep(5);
      return questions.map((question) => question * 2);
    },
    { most: 10, atOnce: 2, timeout: 5_000 },
  );
  const numbers = Array.from({ length: 45 }, (_, index) => index);
  expect(await Promise.all(numbers.map(ask))).toEqual(numbers.map((number) => number * 2));
  expect(asked.map((questions) => questions.length)).toEqual([10, 10, 10, 10, 5]);
  expect(await ask(7)).toBe(14);
});

test("nobody waits longer than the time there is, sent or not, and what hangs is told to stop", async () => {
  const aborted: boolean[] = [];
  const ask = shareQueries(
    (_: readonly number[], signal) => {
      signal.addEventListener("abort", () => aborted.push(true));
      return new Promise<number[]>(() => undefined);
    },
    { most: 2, atOnce: 1, timeout: 50 },
  );
  const answers = await Promise.allSettled(Array.from({ length: 200 }, (_, index) => ask(index)));
  expect(new Set(answers.map((answer) => answer.status === "rejected" && answer.reason.code))).toEqual(
    new Set(["database_unreachable"]),
  );
  expect(aborted.length).toBeLessThan(10);
});

test("what one asking fails with is told to those who asked in it, and the next one is put", async () => {
  let count = 0;
  const ask = shareQueries(
    async (questions: readonly string[]) => {
      count += 1;
      if (count === 1) throw new TypeError("not this time");
      return questions.map((question) => question.toUpperCase());
    },
    { most: 1, atOnce: 1, timeout: 1_000 },
  );
  const [first, second] = await Promise.allSettled([ask("a"), ask("b")]);
  expect(first).toMatchObject({ status: "rejected", reason: expect.any(TypeError) });
  expect(second).toEqual({ status: "fulfilled", value: "B" });
});
