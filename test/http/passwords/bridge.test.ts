import { beforeEach, describe, expect, test } from "vitest";
import type { Bridge } from "../../../src/config/own-functions.ts";
import { openAuth, type TestAuth } from "../../support/auth.ts";
import { graft } from "../../support/graft.ts";
import { count, type OldUser, oldUser } from "../../support/people.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";

const BRIDGE = "/v1/auth/bridge";

let database: TestDatabase;

/** Looks for a session of sample A's old application, as that application does. */
function oldSession(on: TestDatabase): Bridge {
  return async (request) => {
    const [, id] = /(?:^|; )session=([^;]*)/.exec(request.headers.get("cookie") ?? "") ?? [];
    const { rows } = await on.query<{ user_id: number }>("SELECT user_id FROM sessions WHERE id = $1", [id]);
    return rows[0]?.user_id ?? null;
  };
}

const open = (bridge: Bridge) => openAuth(database, { configuration: { bridge } });
const answering = (answer: unknown) => open((() => answer) as Bridge);
const PAGE = { origin: "http://localhost" };

describe("a session of sample A's own", () => {
  let auth: TestAuth;
  let ada: OldUser;

  beforeEach(async () => {
    database = await createTestDatabase({ sample: "a", grafted: {} });
    ada = await oldUser(database);
    await database.query(
      "INSERT INTO sessions (id, user_id, created_at) VALUES ('old-session-of-ada', $1, now())",
      [ada.id],
    );
    auth = await open(oldSession(database));
  });

  const bridge = (headers: Record<string, string>, body?: unknown) => auth.post(BRIDGE, body, { headers });
  const cookie = "theme=dark; session=old-session-of-ada";

  test("is exchanged for one here, and stays what it was", async () => {
    const { status, body } = await bridge({ cookie, ...PAGE });
    expect({ status, user: body.user }).toMatchObject({ status: 200, user: { id: ada.id, email: null } });
    expect((await auth.get("/v1/users/me", { token: body.token })).body.user.username).toBe(ada.username);
    expect((await auth.post("/v1/auth/refresh", { refresh_token: body.refresh_token })).status).toBe(200);
    expect(await count(database, "sessions WHERE id = 'old-session-of-ada'")).toBe(1);
    const { rows } = await database.query(
      "SELECT event, result, user_id FROM authgraft.audit_log WHERE event = 'bridged'",
    );
    expect(rows).toEqual([{ event: "bridged", result: "success", user_id: ada.id }]);
  });

  test("79. by a cookie is for pages of one's own only", async () => {
    for (const headers of [
      { cookie },
      { cookie, origin: "https://evil.example" },
      { cookie, origin: "null" },
      { cookie, "sec-fetch-site": "cross-site" },
      { cookie, "sec-fetch-site": "same-site" },
    ]) {
      expect(await bridge(headers)).toMatchObject({ status: 403, body: { code: "origin_refused" } });
    }
    expect((await bridge({ cookie, "sec-fetch-site": "same-origin" })).status).toBe(200);
    expect(await count(database, "authgraft.sessions")).toBe(1);
  });

  test("80. may be answered with the refresh token in a cookie that scripts cannot read", async () => {
    const { body, headers } = await bridge({ cookie, ...PAGE }, { refresh: "cookie" });
    expect(body.refresh_token).toBeUndefined();
    expect(headers.get("set-cookie")).toMatch(
      /authgraft_refresh=agr_[^;]+;.*HttpOnly; Secure; SameSite=Strict/,
    );
  });

  test("of somebody whom the old application does not know lets nobody in", async () => {
    for (const other of [
      "session=of-eve",
      "session=",
      "session=old-session-of-ada2",
      "other=old-session-of-ada",
    ]) {
      expect(await bridge({ cookie: other, ...PAGE })).toMatchObject({
        status: 401,
        body: { code: "bridge_refused" },
      });
    }
    expect((await bridge({})).status).toBe(401);
  });

  test("of a user who is disabled here lets nobody in", async () => {
    await database.query("INSERT INTO authgraft.accounts (user_id, disabled_at) VALUES ($1, now())", [
      ada.id,
    ]);
    expect((await bridge({ cookie, ...PAGE })).body.code).toBe("bridge_refused");
  });

  test("a body that is none of the route's is refused by name", async () => {
    expect((await bridge({ cookie, ...PAGE }, { user_id: "1" })).body.code).toBe("field_unknown");
    expect((await bridge({ cookie, ...PAGE }, { refresh: "header" })).body.code).toBe("field_invalid");
    expect((await bridge({ cookie, ...PAGE }, "text")).status).toBe(422);
  });
});

describe("what the bridge answers", () => {
  beforeEach(async () => {
    database = await createTestDatabase({ sample: "b", grafted: {} });
  });

  test("as an id that nobody has, or none at all, lets nobody in", async () => {
    const answers = [
      ...[null, undefined, "", "0", 1, 7n, "no-uuid", "\0", "\ud800", "' OR true --"],
      ...["00000000-0000-4000-8000-000000000000"],
    ];
    for (const answer of answers) {
      const auth = await answering(answer);
      expect(await auth.post(BRIDGE)).toMatchObject({ status: 401, body: { code: "bridge_refused" } });
      await auth.close();
    }
  });

  test("as what is no id is a fault of the bridge, and logged", async () => {
    for (const answer of [true, {}, [], 1.5, 2 ** 53, Number.NaN]) {
      const auth = await answering(answer);
      expect(await auth.post(BRIDGE)).toMatchObject({ status: 503, body: { code: "bridge_failed" } });
      expect(auth.logs.join("")).toContain("the bridge failed");
      await auth.close();
    }
  });

  test("by throwing is a fault of the bridge: what it says is for the log", async () => {
    const auth = await open(() => {
      throw new Error("the old database is away");
    });
    const { status, body, text, headers } = await auth.post(BRIDGE);
    expect({ status, code: body.code }).toEqual({ status: 503, code: "bridge_failed" });
    expect(headers.get("retry-after")).toMatch(/^\d+$/);
    expect(text).not.toContain("old database");
    expect(auth.logs.join("")).toContain("the old database is away");
  });

  test("never, is a fault of the bridge", async () => {
    const auth = await open(() => new Promise<null>(() => undefined));
    expect(await auth.post(BRIDGE)).toMatchObject({ status: 503, body: { code: "bridge_failed" } });
    expect(await count(database, "authgraft.sessions")).toBe(0);
  });

  test("is made of a request without its body, and with all its headers", async () => {
    const seen: Request[] = [];
    const auth = await open((request) => {
      seen.push(request);
      return null;
    });
    await auth.post(BRIDGE, { refresh: "body" }, { headers: { "x-old": "1" } });
    expect(seen[0]?.headers.get("x-old")).toBe("1");
    expect(seen[0]?.body).toBeNull();
    expect(new URL(seen[0]?.url ?? "").pathname).toBe(BRIDGE);
  });
});

test("without a bridge there is no such route", async () => {
  database = await createTestDatabase({ sample: "a", grafted: {} });
  const auth = await openAuth(database);
  expect((await auth.post(BRIDGE)).status).toBe(404);
  expect((await auth.get("/openapi.json")).body.paths).not.toHaveProperty([BRIDGE]);
});

test("neighbouring ids past 2^53 stay two users, as a bigint and as a text", async () => {
  database = await createTestDatabase();
  await database.query(`CREATE TABLE users (id bigint PRIMARY KEY, username varchar(50) UNIQUE NOT NULL);
    INSERT INTO users VALUES (9007199254740992, 'eve'), (9007199254740993, 'ada')`);
  await graft(database, { registration: "off" });
  for (const answer of ["9007199254740993", 9007199254740993n] as const) {
    const configuration = { registration: "off", bridge: () => answer } as const;
    const auth = await openAuth(database, { configuration });
    expect((await auth.post(BRIDGE)).body.user.username).toBe("ada");
  }
});

test("a user whom the application marked as deleted is nobody", async () => {
  database = await createTestDatabase();
  await database.query(`CREATE TABLE users (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), username text UNIQUE NOT NULL,
      deleted_at timestamptz);
    INSERT INTO users VALUES ('00000000-0000-4000-8000-000000000001', 'ada', now())`);
  await graft(database);
  const auth = await openAuth(database, {
    configuration: { bridge: () => "00000000-0000-4000-8000-000000000001" },
  });
  expect((await auth.post(BRIDGE)).body.code).toBe("bridge_refused");
});
