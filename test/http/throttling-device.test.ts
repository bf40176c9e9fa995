import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { DEVICE_SECONDS } from "../../src/tokens/device-tokens.ts";
import { TEST_SECRET, type TestAuth } from "../support/auth.ts";
import { mailTo, tokenOf } from "../support/mails.ts";
import type { TestDatabase } from "../support/postgres.ts";
import {
  attempt,
  attempts,
  counted,
  deviceCookie,
  PASSWORD,
  passTime,
  peopled,
  throttled,
} from "../throttling/support.ts";

const P1 = { email: "p1@example.com" };
const RIGHT = { ...P1, password: PASSWORD };
const LIMITS = {
  failuresPerAccount: { most: 2 },
  failuresPerDevice: { most: 3 },
  failuresPerAddress: { most: 50 },
};

let database: TestDatabase;
let auth: TestAuth;
beforeAll(async () => {
  database = await peopled();
});
beforeEach(async () => {
  await database.query("DELETE FROM authgraft.rate_limits");
  auth = await throttled(database, LIMITS);
});

/** A device on which somebody has signed in. */
async function deviceOf(one: object = RIGHT, on = auth): Promise<{ readonly cookie: string }> {
  return { cookie: deviceCookie(await attempt(on, one)) };
}

/** Somebody else uses up the account's attempts. */
const attack = () => attempts(auth, 3, P1);

describe("an account that somebody keeps guessing at", () => {
  test("29. still lets its owner in on a device that has signed in before, and anybody once the time is over", async () => {
    const headers = await deviceOf();
    expect(await attack()).toEqual([401, 401, 429]);
    expect((await attempt(auth, { ...RIGHT, headers })).status).toBe(200);
    expect((await attempt(auth, RIGHT)).status).toBe(429);
    await passTime(database, 900);
    expect((await attempt(auth, RIGHT)).status).toBe(200);
  });

  test("29. lets them in from an address that has none left either", async () => {
    const headers = await deviceOf();
    const address = "192.0.2.1";
    for (let n = 1; n <= 51; n++) await attempt(auth, { email: `nobody${n}@example.com`, address });
    expect((await attempt(auth, { ...RIGHT, address })).status).toBe(429);
    expect((await attempt(auth, { ...RIGHT, address, headers })).status).toBe(200);
  });

  test("29. is not guessed at any more often by a device than by others, and its success gives nobody else more", async () => {
    const headers = await deviceOf();
    await attack();
    expect(await attempts(auth, 4, { ...P1, headers })).toEqual([401, 401, 401, 429]);
    expect((await attempt(auth, { ...RIGHT, headers })).status).toBe(429);
    await passTime(database, 900);
    await attack();
    expect((await attempt(auth, { ...RIGHT, headers })).status).toBe(200);
    expect((await attempt(auth, P1)).status).toBe(429);
  });
});

describe("the device's cookie", () => {
  test("80. is HttpOnly, Secure and SameSite=Strict, for the API, and is kept for as long as browsers keep any", async () => {
    const set = (await attempt(auth, RIGHT)).headers.getSetCookie();
    expect(set).toEqual([
      expect.stringMatching(
        new RegExp(
          `^authgraft_device=v1[.][\\w-]{43}; Max-Age=${DEVICE_SECONDS}; Path=/v1; HttpOnly; Secure; SameSite=Strict$`,
        ),
      ),
    ]);
  });

  test("80. is as the configuration has cookies", async () => {
    const cookies = { secure: false, sameSite: "lax", domain: "example.com" } as const;
    const other = await throttled(database, LIMITS, { configuration: { cookies } });
    expect((await attempt(other, RIGHT)).headers.getSetCookie()[0]).toMatch(
      /; Path=\/v1; Domain=example.com; HttpOnly; SameSite=Lax$/,
    );
  });

  test("comes with a registration, and with no login that fails", async () => {
    const { headers } = await auth.post("/v1/auth/register", {
      ...{ email: "new@example.com", username: "new-one", display_name: "N", password: "a tower of violins" },
    });
    expect(headers.getSetCookie()[0]).toContain("authgraft_device=v1.");
    expect((await attempt(auth, P1)).headers.getSetCookie()).toEqual([]);
  });

  test("lets nobody in by itself, and nothing tells whose it is", async () => {
    const headers = await deviceOf();
    expect((await attempt(auth, { ...P1, headers })).status).toBe(401);
    expect((await auth.get("/v1/users/me", { headers })).status).toBe(401);
  });

  test("knows those who have signed in on the device, each by themselves", async () => {
    const first = await deviceOf();
    const both = await deviceOf({ email: "p2@example.com", password: PASSWORD, headers: first });
    await attack();
    await attempts(auth, 3, { email: "p2@example.com" });
    expect((await attempt(auth, { ...RIGHT, headers: both })).status).toBe(200);
    expect((await attempt(auth, { email: "p2@example.com", password: PASSWORD, headers: both })).status).toBe(
      200,
    );
    expect(
      (await attempt(auth, { email: "p2@example.com", password: PASSWORD, headers: first })).status,
    ).toBe(429);
  });

  test("is still the same device's after another login, and after the secret was changed", async () => {
    const headers = await deviceOf();
    await attempts(auth, 2, { ...P1, headers });
    const secret = ["another-not-a-real-secret-Zx81-q7Wv-only-for-tests", TEST_SECRET];
    const later = await throttled(database, LIMITS, { secret });
    await attack();
    const renewed = await deviceOf({ ...RIGHT, headers }, later);
    expect(renewed.cookie).not.toBe(headers.cookie);
    await passTime(database, 900);
    await attempts(later, 3, P1);
    expect(await attempts(later, 3, { ...P1, headers })).toEqual([401, 401, 401]);
    expect((await attempt(later, { ...RIGHT, headers: renewed })).status).toBe(429);
  });

  const changed = (cookie: string) => cookie.replace(/.{3}$/, (end) => (end === "AAA" ? "BBB" : "AAA"));
  test.each<readonly [string, (cookie: string) => string]>([
    ["forged", changed],
    ["of another version", (cookie) => cookie.replace("v1.", "v2.")],
    ["of nobody", () => "authgraft_device=v1."],
    ["cut off", (cookie) => cookie.slice(0, -1)],
    ["twice there", (cookie) => `${cookie}; ${cookie}`],
    ["with more entries than there can be", (cookie) => cookie + `.${"A".repeat(43)}`.repeat(5)],
    ["as long as a header may be", (cookie) => cookie + "A".repeat(8_000)],
  ])("that is %s is ignored", async (_, change) => {
    const { cookie } = await deviceOf();
    await attack();
    expect((await attempt(auth, { ...RIGHT, headers: { cookie: change(cookie) } })).status).toBe(429);
    await passTime(database, 900);
    const { status, headers } = await attempt(auth, { ...RIGHT, headers: { cookie: change(cookie) } });
    expect([status, headers.getSetCookie()[0]]).toEqual([
      200,
      expect.stringContaining("authgraft_device=v1."),
    ]);
  });

  test("of another's account is ignored", async () => {
    const headers = await deviceOf({ email: "p2@example.com", password: PASSWORD });
    await attack();
    expect((await attempt(auth, { ...RIGHT, headers })).status).toBe(429);
    expect((await counted(database)).device).toBeUndefined();
  });

  describe("from before a new password", () => {
    const p9 = { email: "p9@example.com", password: PASSWORD };
    const NEW = "a tower of violins";

    test("is ignored after a change, and the device that made the change is known", async () => {
      const guess = { email: p9.email };
      const before = await deviceOf(p9);
      const { token } = (await attempt(auth, p9)).body;
      const change = { current_password: PASSWORD, password: NEW };
      const answer = await auth.post("/v1/users/me/password", change, { token, headers: before });
      expect(answer.status).toBe(200);
      const after = { cookie: deviceCookie(answer) };
      expect(await attempts(auth, 3, guess)).toEqual([401, 401, 429]);
      expect((await attempt(auth, { ...guess, headers: before })).status).toBe(429);
      expect((await attempt(auth, { ...p9, password: NEW, headers: after })).status).toBe(200);
    });

    test("is ignored after a reset", async () => {
      const p10 = { email: "p10@example.com", password: PASSWORD };
      const guess = { email: p10.email };
      const before = await deviceOf(p10);
      const mailing = await throttled(database, LIMITS, { configuration: { development: true } });
      expect((await mailing.post("/v1/auth/forgot-password", guess)).status).toBe(202);
      const token = tokenOf(await mailTo(mailing, p10.email, "reset-password"));
      expect((await mailing.post("/v1/auth/reset-password", { token, password: NEW })).status).toBe(204);
      expect(await attempts(auth, 3, guess)).toEqual([401, 401, 429]);
      expect((await attempt(auth, { ...guess, headers: before })).status).toBe(429);
    });
  });

  test("that is too old is ignored", async () => {
    let now = Date.now();
    const aging = await throttled(database, LIMITS, { now: () => now });
    const headers = await deviceOf(RIGHT, aging);
    await attack();
    now += (DEVICE_SECONDS - 60) * 1_000;
    expect((await attempt(aging, { ...P1, headers })).status).toBe(401);
    now += 120_000;
    expect((await attempt(aging, { ...P1, headers })).status).toBe(429);
  });
});
