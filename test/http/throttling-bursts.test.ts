import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import type { TestDatabase } from "../support/postgres.ts";
import { attempt, counted, lookedAt, PASSWORD, peopled, throttled } from "../throttling/support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await peopled();
});
beforeEach(() => database.query("DELETE FROM authgraft.rate_limits"));

const P1 = { email: "p1@example.com" };
const times = <Result>(count: number, act: (n: number) => Promise<Result>) =>
  Promise.all(Array.from({ length: count }, (_, n) => act(n)));

describe("a burst of wrong passwords", () => {
  test("27. on one account gets exactly as many looked at as the limit, from two servers together", async () => {
    const limits = { failuresPerAccount: { most: 10 } };
    const servers = [await throttled(database, limits), await throttled(database, limits)] as const;
    const answers = await times(60, (n) => attempt(servers[n % 2 === 0 ? 0 : 1], P1));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(50);
    expect((await lookedAt(servers[0])) + (await lookedAt(servers[1]))).toBe(10);
    // What was refused is not counted, neither against the account nor against the addresses.
    expect(await counted(database)).toEqual({ account: 10, address: 10 });
    expect((await attempt(servers[0], { ...P1, password: PASSWORD })).status).toBe(429);
  });

  test("27. from one address gets exactly as many looked at as the limit, and the rest is told to come back", async () => {
    const auth = await throttled(database, { failuresPerAddress: { most: 10 } });
    const address = "192.0.2.1";
    const answers = await times(60, (n) => attempt(auth, { email: `nobody${n}@example.com`, address }));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(10);
    for (const { status, headers } of answers.filter((answer) => answer.status !== 401)) {
      expect([429, 503]).toContain(status);
      expect(headers.get("retry-after")).toMatch(/^\d+$/);
    }
    expect(await lookedAt(auth)).toBe(10);
    const { status, headers } = await attempt(auth, { ...P1, password: PASSWORD, address });
    expect(status).toBe(429);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(800);
  });
});

describe("a rush of right passwords", () => {
  test("83. is let in or told to come back at once, and nobody who is signed in waits for it", async () => {
    const passwords = { hashing: { threads: 1 } };
    const auth = await throttled(
      database,
      { failuresPerAddress: { most: 50 } },
      { configuration: { passwords } },
    );
    const address = "192.0.2.1";
    const right = (n: number) => ({ email: `p${(n % 20) + 1}@example.com`, password: PASSWORD, address });
    const { body } = await attempt(auth, right(0));
    const rush = times(200, (n) => attempt(auth, right(n)));
    await eventually(() => auth.metrics()).toMatch(/authgraft_hashing_waiting\{lane="interactive"\} [1-9]/);
    const me = await times(100, () => auth.get("/v1/users/me", { token: body.token }));
    expect(new Set(me.map(({ status }) => status))).toEqual(new Set([200]));
    const answers = await rush;
    const refused = answers.filter(({ status }) => status !== 200);
    expect(answers.length - refused.length).toBeGreaterThanOrEqual(20);
    for (const { status, headers } of refused) {
      expect(status).toBe(503);
      expect(headers.get("retry-after")).toMatch(/^[1-9]$/);
    }
    // Nobody was wrong, so nothing is counted.
    await eventually(() =>
      counted(database).then(({ account = 0, address: left = 0 }) => account + left),
    ).toBe(0);
    expect(await auth.metrics()).not.toMatch(/^authgraft_throttled_total\{/m);
    expect((await attempt(auth, right(0))).status).toBe(200);
  });

  test("of more people than an address may fail for, over and over, is no failure", async () => {
    const auth = await throttled(database, { failuresPerAddress: { most: 5 } });
    for (let round = 0; round < 4; round++) {
      const answers = await times(5, (n) =>
        attempt(auth, { email: `p${n + 1}@example.com`, password: PASSWORD, address: "192.0.2.1" }),
      );
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    }
  });
});
