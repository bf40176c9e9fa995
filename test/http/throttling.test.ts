import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { Answer } from "../support/auth.ts";
import type { TestDatabase } from "../support/postgres.ts";
import {
  attempt,
  attempts,
  counted,
  lookedAt,
  PASSWORD,
  passTime,
  peopled,
  throttled,
} from "../throttling/support.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await peopled();
});
beforeEach(() => database.query("DELETE FROM authgraft.rate_limits"));

const P1 = { email: "p1@example.com" };

/** All that an answer shows, save the number of the request and the seconds that pass. */
function faceOf({ status, text, headers }: Answer) {
  const own = ["x-request-id", "retry-after"];
  return { status, text, headers: [...headers].filter(([name]) => !own.includes(name)).sort() };
}

describe("failures of one account", () => {
  test("26. are limited, from wherever they come, and the right password is not looked at then", async () => {
    const auth = await throttled(database, { failuresPerAccount: { most: 3 } });
    expect(await attempts(auth, 3, P1)).toEqual([401, 401, 401]);
    const { status, body } = await attempt(auth, { ...P1, password: PASSWORD });
    expect([status, body.code]).toEqual([429, "too_many_requests"]);
    expect(await lookedAt(auth)).toBe(3);
    expect((await attempt(auth, { email: "p2@example.com", password: PASSWORD })).status).toBe(200);
  });

  test("26. are counted for all servers together", async () => {
    const [one, other] = [
      await throttled(database, { failuresPerAccount: { most: 2 } }),
      await throttled(database, {}),
    ];
    expect(await attempts(other, 2, P1)).toEqual([401, 401]);
    expect((await attempt(one, P1)).status).toBe(429);
  });

  test("26. are one account's, however its name is written", async () => {
    const auth = await throttled(database, { failuresPerAccount: { most: 4 } });
    for (const email of [
      "p1@example.com",
      "P1@EXAMPLE.com",
      " p1@example.com ",
      "p\u0301\u0031@example.com",
    ]) {
      expect((await attempt(auth, { email })).status).toBe(401);
    }
    expect((await attempt(auth, P1)).status).toBe(429);
  });

  test("20. are counted alike for somebody who is there and for nobody, and answered alike", async () => {
    const auth = await throttled(database, { failuresPerAccount: { most: 2 } });
    await database.query(
      "INSERT INTO authgraft.accounts (user_id, disabled_at) SELECT id, now() FROM users WHERE username = 'p18'",
    );
    await database.query("UPDATE users SET password_hash = NULL WHERE username = 'p19'");
    const faces = [];
    for (const email of ["nobody@example.com", "p1@example.com", "p18@example.com", "p19@example.com"]) {
      const password = email.startsWith("p18") ? PASSWORD : undefined;
      const own = [];
      for (let n = 0; n < 3; n++)
        own.push(faceOf(await attempt(auth, { email, ...(password && { password }) })));
      faces.push(own);
    }
    expect(faces[0]?.map(({ status }) => status)).toEqual([401, 401, 429]);
    expect(new Set(faces.map((own) => JSON.stringify(own))).size).toBe(1);
  });

  test("30. are forgotten once the password is right", async () => {
    const auth = await throttled(database, { failuresPerAccount: { most: 3 } });
    await attempts(auth, 2, P1);
    expect((await attempt(auth, { ...P1, password: PASSWORD })).status).toBe(200);
    expect(await attempts(auth, 4, P1)).toEqual([401, 401, 401, 429]);
  });

  test("31. beyond the limit are answered with 429 and the whole seconds to wait, after which they go on", async () => {
    const auth = await throttled(database, { failuresPerAccount: { most: 1, windowSeconds: 600 } });
    await attempt(auth, P1);
    const { status, headers, body } = await attempt(auth, P1);
    expect(status).toBe(429);
    expect(headers.get("content-type")).toContain("application/problem+json");
    expect(body).toMatchObject({ code: "too_many_requests", status: 429 });
    expect(headers.get("retry-after")).toMatch(/^\d+$/);
    const wait = Number(headers.get("retry-after"));
    expect(wait).toBeGreaterThan(500);
    expect(wait).toBeLessThanOrEqual(600);
    // Refusals make nobody wait for longer.
    await attempts(auth, 5, P1);
    await passTime(database, wait);
    expect((await attempt(auth, { ...P1, password: PASSWORD })).status).toBe(200);
  });
});

describe("failures from one address", () => {
  const address = "192.0.2.1";

  test("26. are limited whatever accounts they are about, and use up nothing of an account's beyond that", async () => {
    const auth = await throttled(database, {
      failuresPerAddress: { most: 3 },
      failuresPerAccount: { most: 2 },
    });
    for (const n of [1, 2, 3])
      expect((await attempt(auth, { email: `p${n}@example.com`, address })).status).toBe(401);
    expect(await attempts(auth, 3, { email: "p4@example.com", address })).toEqual([429, 429, 429]);
    expect((await attempt(auth, { email: "p4@example.com", password: PASSWORD })).status).toBe(200);
    expect(await auth.metrics()).toContain('authgraft_throttled_total{kind="address"} 3');
  });

  test("30. are not forgotten for a login that is right, which counts for nothing itself", async () => {
    const auth = await throttled(database, { failuresPerAddress: { most: 3 } });
    for (const n of [1, 2]) await attempt(auth, { email: `p${n}@example.com`, address });
    expect(await attempts(auth, 5, { email: "p3@example.com", password: PASSWORD, address })).toEqual(
      Array(5).fill(200),
    );
    expect((await attempt(auth, { email: "p4@example.com", address })).status).toBe(401);
    expect((await attempt(auth, { email: "p5@example.com", address })).status).toBe(429);
  });

  const headers = (n: number) => ({ "x-forwarded-for": `198.51.100.${n}` });

  test("28. are its own whatever X-Forwarded-For says, where no proxy is trusted", async () => {
    const auth = await throttled(database, { failuresPerAddress: { most: 2 } });
    const from = (n: number) => attempt(auth, { email: `p${n}@example.com`, address, headers: headers(n) });
    expect([(await from(1)).status, (await from(2)).status, (await from(3)).status]).toEqual([401, 401, 429]);
  });

  test("28. are those of the address that the trusted proxy wrote, and of no other that stands before it", async () => {
    const auth = await throttled(
      database,
      { failuresPerAddress: { most: 2 } },
      { configuration: { trustedProxies: 1 } },
    );
    const from = (n: number, client: string) =>
      attempt(auth, {
        ...{ email: `p${n}@example.com`, address: "10.0.0.1" },
        headers: { "x-forwarded-for": `198.51.100.${n}, ${client}` },
      });
    expect([(await from(1, address)).status, (await from(2, address)).status]).toEqual([401, 401]);
    expect((await from(3, address)).status).toBe(429);
    expect((await from(3, "192.0.2.2")).status).toBe(401);
  });

  test("28. are those of a whole /64 of IPv6", async () => {
    const auth = await throttled(database, { failuresPerAddress: { most: 2 } });
    const from = (n: number, own: string) => attempt(auth, { email: `p${n}@example.com`, address: own });
    expect((await from(1, "2001:db8:0:1::1")).status).toBe(401);
    expect((await from(2, "2001:db8:0:1:ffff::2")).status).toBe(401);
    expect((await from(3, "2001:db8:0:1:8000::3")).status).toBe(429);
    expect((await from(3, "2001:db8:0:2::1")).status).toBe(401);
  });
});

describe("the counts", () => {
  test("name nobody, no address and no device", async () => {
    const auth = await throttled(database, {});
    await attempt(auth, { username: "what-was-typed-in-the-wrong-field", address: "192.0.2.1" });
    const { rows } = await database.query<{ key: string }>(
      "SELECT key FROM authgraft.rate_limits ORDER BY key",
    );
    expect(rows.map(({ key }) => key)).toEqual([
      expect.stringMatching(/^account:[\w-]{43}$/),
      expect.stringMatching(/^address:[\w-]{43}$/),
    ]);
  });

  test("are not there with throttling off", async () => {
    const auth = await throttled(database, "off");
    expect(await attempts(auth, 12, { ...P1, address: "192.0.2.1" })).toEqual(Array(12).fill(401));
    expect(await counted(database)).toEqual({});
  });

  test("that cannot be kept let nobody in: 503", async () => {
    const auth = await throttled(database, {});
    await database.query("ALTER TABLE authgraft.rate_limits ADD CONSTRAINT none CHECK (points < 0)");
    onTestFinished(async () => {
      await database.query("ALTER TABLE authgraft.rate_limits DROP CONSTRAINT none");
    });
    const { status, headers } = await attempt(auth, { ...P1, password: PASSWORD });
    expect([status, headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await lookedAt(auth)).toBe(0);
  });

  test("give back what was abandoned", async () => {
    const auth = await throttled(database, { failuresPerAccount: { most: 2 } });
    await attempt(auth, P1);
    const signal = AbortSignal.abort();
    for (let n = 0; n < 5; n++) await attempt(auth, { ...P1, signal }).catch(() => undefined);
    expect(await counted(database)).toEqual({ account: 1, address: 1 });
  });
});

describe("a registration", () => {
  const register = (
    auth: Awaited<ReturnType<typeof throttled>>,
    n: number,
    password = "a tower of violins",
  ) =>
    auth.fetch(
      new Request("http://localhost/v1/auth/register", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          email: `new${n}@example.com`,
          username: `new${n}`,
          display_name: "N",
          password,
        }),
      }),
      { address: "192.0.2.1" },
    );

  test("26. counts against its address, one for an email that is taken too, and one that is refused for its form does not", async () => {
    const auth = await throttled(database, { registrationsPerAddress: { most: 2 } });
    expect((await register(auth, 1, "short")).status).toBe(422);
    expect((await register(auth, 1)).status).toBe(201);
    expect((await register(auth, 1)).status).toBe(409);
    const refused = await register(auth, 2);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(3_000);
    await passTime(database, 3_600);
    expect((await register(auth, 2)).status).toBe(201);
  });
});
