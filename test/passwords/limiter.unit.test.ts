import { describe, expect, test } from "vitest";
import { createLimiter } from "../../src/passwords/limiter.ts";

describe("a limiter", () => {
  test("runs no more at once than it may, in the order of arrival, and all of it", async () => {
    const limiter = createLimiter({ concurrency: 2, queue: 10 });
    const order: number[] = [];
    let running = 0;
    let most = 0;
    const job = (number: number) =>
      limiter.run(async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        order.push(number);
      });
    await Promise.all([1, 2, 3, 4, 5, 6].map(job));
    expect(most).toBe(2);
    expect(order).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("refuses what is beyond its queue at once, and takes jobs again when there is room", async () => {
    const limiter = createLimiter({ concurrency: 1, queue: 1 });
    let finish = () => {};
    const first = limiter.run(() => new Promise<void>((resolve) => (finish = resolve)));
    const second = limiter.run(async () => "second");
    await expect(limiter.run(async () => "third")).rejects.toMatchObject({ code: "overloaded" });
    finish();
    await first;
    expect(await second).toBe("second");
    expect(await limiter.run(async () => "fourth")).toBe("fourth");
  });

  test("gives its place back when a job fails", async () => {
    const limiter = createLimiter({ concurrency: 1, queue: 0 });
    await expect(limiter.run(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(await limiter.run(async () => "next")).toBe("next");
  });
});
