import { expect, test } from "vitest";
import { createBackground } from "../../src/accounts/background.ts";
import { SILENT } from "../../src/accounts/logger.ts";

/** A piece of work that ends when it is told to. */
function held() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { work: () => promise, end: resolve };
}

test("work begins after whoever asked for it has gone on, and is waited for", async () => {
  const background = createBackground(SILENT);
  const seen: string[] = [];
  background.run(async () => void seen.push("work"));
  await Promise.resolve();
  seen.push("answer");
  await background.settled();
  expect(seen).toEqual(["answer", "work"]);
});

test("a few work at once, in order, and beyond what may wait nothing is taken on", async () => {
  const background = createBackground(SILENT, { atOnce: 2, waiting: 1 });
  const all = [held(), held(), held()];
  const begun: number[] = [];
  for (const [place, { work }] of all.entries()) {
    background.run(() => {
      begun.push(place);
      return work();
    });
  }
  expect(() => background.run(async () => void begun.push(3))).toThrow(
    expect.objectContaining({ code: "overloaded", retryAfterSeconds: 5 }),
  );
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toEqual([0, 1]);
  for (const { end } of all) end();
  await background.settled();
  expect(begun).toEqual([0, 1, 2]);
});

test("what fails is logged without what it failed on, and the next goes on", async () => {
  const logged: unknown[] = [];
  const background = createBackground({
    ...SILENT,
    error: (details, message) => logged.push({ details, message }),
  });
  const seen: string[] = [];
  background.run(async () => {
    throw Object.assign(new Error("row ago_secret"), { code: "23505", severity: "ERROR" });
  });
  background.run(() => {
    throw new TypeError("thrown at once");
  });
  background.run(async () => void seen.push("next"));
  await background.settled();
  expect(seen).toEqual(["next"]);
  expect(logged).toHaveLength(2);
  expect(JSON.stringify(logged)).toContain("work after an answer failed");
  expect(JSON.stringify(logged)).not.toContain("ago_secret");
});
