import { beforeAll, describe, expect, test } from "vitest";
import { up } from "../../../src/migration/up.ts";
import { type Asked, byToken, openAdmin, register, registerAdmin } from "../../support/admin.ts";
import { graft } from "../../support/graft.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";

let database: TestDatabase;
let auth: Awaited<ReturnType<typeof openAdmin>>;

beforeAll(async () => {
  database = await createTestDatabase({ sample: "b", grafted: {} });
});

async function open() {
  auth = await openAdmin(database);
  return auth;
}

/** Every page of a list, one after another. */
async function all(
  asked: Asked,
  path: string,
  key: string,
  between: () => Promise<unknown> = async () => null,
) {
  const found: { id: string }[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const more: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const { body } = await asked.get(`${path}${more}`);
    found.push(...body[key]);
    cursor = body.next_cursor;
    await between();
  }
  return found;
}

describe("GET /admin/users", () => {
  test("pages through more than a thousand, each of them once, while others come", async () => {
    const big = await createTestDatabase({ sample: "a", users: 1_100, grafted: {} });
    const asked = await openAdmin(big);
    const before = (await big.query<{ id: string }>("SELECT id::text FROM users ORDER BY users.id")).rows;
    let made = 0;
    const found = await all(asked, "/admin/users?limit=170", "users", () =>
      big.query("INSERT INTO users (id, username, created_at) VALUES ($1, $2, now())", [
        -++made,
        `newcomer_${made}`,
      ]),
    );
    expect(found.map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  });

  test.for([
    ["bigint", "9007199254740993"],
    ["uuid", "ffffffff-0000-4000-8000-000000000001"],
    ["text", "zz' % _ \\ \"ä"],
  ] as const)("ids of type %s are texts, found and paged through as they are", async ([type, id]) => {
    const odd = await createTestDatabase();
    await odd.query(`CREATE TABLE users (id ${type} PRIMARY KEY, username text UNIQUE)`);
    await odd.query("INSERT INTO users VALUES ($1, 'last')", [id]);
    await odd.query("INSERT INTO users VALUES ($1, 'first')", [
      type === "uuid" ? id.replaceAll("f", "0") : "1",
    ]);
    const configuration = { registration: "off" } as const;
    await graft(odd, configuration);
    const asked = await openAdmin(odd, { configuration });
    expect((await all(asked, "/admin/users?limit=1", "users")).map((user) => user.id).at(-1)).toBe(id);
    const found = await asked.get(`/admin/users/${encodeURIComponent(id)}`);
    expect(found.body.user).toMatchObject({ id, username: "last" });
    expect((await asked.get(`/admin/users?search=${encodeURIComponent(id)}`)).body.users).toHaveLength(1);
  });

  test("finds by a part of a name, by the beginning of an email, and nothing by a pattern", async () => {
    const asked = await open();
    const person = await register(asked, { display_name: "Odd 100%_\\ name" });
    const find = async (query: string) =>
      (await asked.get(`/admin/users?${query}`)).body.users.map(({ id }: { id: string }) => id);
    for (const part of ["dd 100%_\\", "ODD 100", person.id, person.credentials.email.toUpperCase()])
      expect(await find(`search=${encodeURIComponent(part)}`)).toContain(person.id);
    expect(await find(`email=${person.credentials.email.slice(0, 9).toUpperCase()}`)).toContain(person.id);
    expect(await find("email=%25")).toEqual([]);
    for (const nothing of ["100__", "%\\%", "\\", "a\0b", "'; DROP TABLE users; --"])
      expect(await find(`search=${encodeURIComponent(`${nothing}no`)}`)).toEqual([]);
  });

  test("filters, and says of each what administrators need to know, and never a hash (B2)", async () => {
    const asked = await open();
    const admin = await registerAdmin(asked, database);
    const { body, text } = await asked.get(
      "/admin/users?is_admin=true&has_password=true&disabled=false&limit=200",
    );
    const found = body.users.find(({ id }: { id: string }) => id === admin.id);
    expect(found).toMatchObject({ is_admin: true, has_password: true, disabled_at: null, closed_at: null });
    expect(Date.parse(found.last_sign_in_at)).toBeGreaterThan(Date.parse("2020-01-01"));
    const read = await asked.get(`/admin/users/${admin.id}`);
    expect(read.body.sessions).toMatchObject([{ id: admin.sessionId }]);
    expect(text + read.text).not.toMatch(/password_hash|\$argon2|refresh_hash|agr_/);
    expect((await asked.get("/admin/users?has_password=false&limit=1")).body.users[0].has_password).toBe(
      false,
    );
  });

  test.for([
    ...[
      "limit=0",
      "limit=201",
      "limit=x",
      "is_admin=yes",
      "unknown=1",
      "limit=1&limit=2",
      "cursor=",
      "cursor=x",
    ],
    `cursor=${Buffer.from('["not an id"]').toString("base64url")}`,
    `cursor=${Buffer.from('["1","2"]').toString("base64url")}`,
    `cursor=${Buffer.from("[null]").toString("base64url")}`,
    `cursor=${Buffer.from('["a\\u0000"]').toString("base64url")}`,
  ])("refuses what it does not understand: %s", async (query) => {
    const { status, body } = await (await open()).get(`/admin/users?${query}`);
    expect([status, body.code]).toEqual([422, expect.stringMatching(/^(field_|cursor_invalid)/)]);
  });
});

describe("what is done to a user", () => {
  test("disabling ends every session on every server at once, and enabling lets the user sign in again", async () => {
    const [asked, other] = [await open(), await openAdmin(database)];
    const admin = await registerAdmin(asked, database);
    const person = await register(asked);
    const disabled = await asked.send(`/admin/users/${person.id}/disable`, byToken(admin, "POST"));
    expect([disabled.status, disabled.body.user.disabled_at]).toEqual([200, expect.any(String)]);
    for (const server of [asked, other])
      expect((await server.send("/v1/users/me", byToken(person))).status).toBe(401);
    await expect(asked.verify(person.token)).rejects.toMatchObject({ code: "invalid_token" });
    const login = () =>
      asked.send("/v1/auth/login", {
        ...{ method: "POST", body: JSON.stringify(person.credentials) },
        headers: { "content-type": "application/json" },
      });
    expect((await login()).status).toBe(401);
    expect((await asked.post(`/admin/users/${person.id}/claim-link`)).body.code).toBe("not_claimable");
    expect((await asked.post(`/admin/users/${person.id}/enable`)).body.user.disabled_at).toBe(null);
    expect((await login()).status).toBe(200);
    const { body } = await asked.get(`/admin/audit?user_id=${person.id}&event=user_disabled`);
    expect(body.events).toMatchObject([
      { actor: { kind: "administrator", id: admin.id }, result: "success" },
    ]);
  });

  test("ending sessions says how many went on; nobody of that id is 404, whatever the id", async () => {
    const asked = await open();
    const person = await register(asked);
    expect((await asked.post(`/admin/users/${person.id}/end-sessions`)).body).toEqual({ sessions: 1 });
    expect((await asked.post(`/admin/users/${person.id}/end-sessions`)).body).toEqual({ sessions: 0 });
    expect((await asked.send("/v1/users/me", byToken(person))).status).toBe(401);
    for (const id of ["nobody", "99999999999999999999999", "%00", "a%2Fb", "'"]) {
      for (const verb of ["promote", "demote", "disable", "enable", "end-sessions", "claim-link"])
        expect([id, verb, (await asked.post(`/admin/users/${id}/${verb}`)).status]).toEqual([id, verb, 404]);
      expect((await asked.get(`/admin/users/${id}`)).status).toBe(404);
    }
  });

  test("C12: where a column of the application's own decides, or the configuration, nobody is promoted", async () => {
    const elsewhere = await createTestDatabase({ sample: "b" });
    await elsewhere.query("ALTER TABLE users ADD COLUMN IF NOT EXISTS role text");
    const configuration = { mapping: { admin: { column: "role", equals: "admin" } } };
    await up({ databaseUrl: elsewhere.url, configuration });
    const servers = [
      await openAdmin(elsewhere, { configuration }),
      await openAdmin(database, { configuration: { administration: { promotion: false } } }),
    ];
    for (const asked of servers) {
      const person = await register(asked);
      const { status, body } = await asked.post(`/admin/users/${person.id}/promote`);
      expect([status, body.code]).toEqual([409, "admin_elsewhere"]);
      expect((await asked.get(`/admin/users/${person.id}`)).body.user.is_admin).toBe(false);
    }
  });
});

test("claim links for all come as CSV in which nothing is a formula", async () => {
  const fresh = await createTestDatabase({ sample: "a", users: 130, grafted: {} });
  await fresh.query(`UPDATE users SET username = '=1+1,"x"' WHERE id = 1`);
  const asked = await openAdmin(fresh);
  const answer = await asked.post("/admin/claim-links");
  expect([answer.status, answer.headers.get("content-type")]).toEqual([
    200,
    expect.stringMatching(/^text\/csv/),
  ]);
  const lines = answer.text.split("\r\n");
  const waiting = (await all(asked, "/admin/users?has_password=false", "users")).length;
  expect(lines).toHaveLength(waiting + 2);
  expect(lines.find((line) => line.startsWith("1,"))).toMatch(/^1,"'=1\+1,""x""",http\S+#token=ago_/);
  const link = (await asked.post("/admin/users/1/claim-link")).body;
  const [, token] = link.link.split("#token=");
  expect((await asked.get("/admin/audit?event=claim_link_made&user_id=1")).body.events).toHaveLength(2);
  expect(
    (await fresh.query("SELECT count(*)::int AS n FROM authgraft.one_time_tokens WHERE user_id = 1")).rows,
  ).toEqual([{ n: 1 }]);
  expect(asked.logs.join("")).not.toContain(token);
});

test("63. an administrator who is demoted while links are made gets no more of them", async () => {
  const fresh = await createTestDatabase({ sample: "b", users: 400, grafted: {} });
  const asked = await openAdmin(fresh);
  const admin = await registerAdmin(asked, fresh);
  const init = byToken(admin, "POST");
  const answer = await asked.fetch(new Request("http://localhost/admin/claim-links", init));
  const reader = answer.body?.getReader();
  await reader?.read();
  await asked.post(`/admin/users/${admin.id}/demote`);
  const made = async () =>
    (await fresh.query("SELECT FROM authgraft.one_time_tokens WHERE purpose = 'claim'")).rowCount ?? 0;
  const before = await made();
  const rest = (async () => {
    while (!(await reader?.read())?.done);
  })();
  await expect(rest).rejects.toThrow();
  expect(before).toBeGreaterThan(0);
  expect(await made()).toBe(before);
});

describe("GET /admin/audit", () => {
  test("pages back through everything once, by event, user, actor and time", async () => {
    const asked = await open();
    const person = await register(asked);
    for (let i = 0; i < 7; i++) await asked.post(`/admin/users/${person.id}/${i % 2 ? "enable" : "disable"}`);
    const found = await all(asked, `/admin/audit?user_id=${person.id}&limit=2`, "events");
    expect(found).toHaveLength(8);
    const times = found.map((event) => (event as unknown as { occurred_at: string }).occurred_at);
    expect(times).toEqual(times.toSorted().toReversed());
    expect(new Set(found.map(({ id }) => id)).size).toBe(8);
    const since = await asked.get(`/admin/audit?user_id=${person.id}&from=${times[2]}&until=${times[0]}`);
    expect(since.status).toBe(200);
    expect((await asked.get(`/admin/audit?actor_id=${person.id}`)).body.events).toMatchObject([
      { event: "registered" },
    ]);
    expect((await asked.get("/admin/audit?until=1999-01-01T00:00:00Z")).body).toEqual({
      events: [],
      next_cursor: null,
    });
  });

  test.for([
    ...[
      "from=yesterday",
      "until=2026-13-01T00:00:00Z",
      "from=0000-01-01T00:00:00Z",
      "from=2026-02-30T00:00:00Z",
      "until=2025-02-29T12:00:00%2B02:00",
      "limit=-1",
      "actor=1",
    ],
    ...[
      ["2026-02-31T00:00:00.000000Z", "0"],
      ["2026-02-31T00:00:00.000000Z", "00000000-0000-4000-8000-000000000000"],
    ].map((place) => `cursor=${Buffer.from(JSON.stringify(place)).toString("base64url")}`),
  ])("refuses what it does not understand: %s", async (query) => {
    const { status, body } = await (await open()).get(`/admin/audit?${query}`);
    expect([status, body.code]).toEqual([422, expect.stringMatching(/^(field_|cursor_invalid)/)]);
  });

  test("the server's own role adds to the log and reads it, and can neither change nor delete", async () => {
    const own = await createTestDatabase({ sample: "b" });
    const role = await own.createRole("server");
    await up({ databaseUrl: own.superuserUrl, configuration: { serverRole: role.name } });
    const asked = await openAdmin(
      { ...own, url: own.urlFor(role) },
      { configuration: { serverRole: role.name } },
    );
    const person = await register(asked);
    for (const verb of ["promote", "disable", "enable", "end-sessions", "demote"])
      expect([verb, (await asked.post(`/admin/users/${person.id}/${verb}`)).status]).toEqual([verb, 200]);
    expect((await asked.get("/admin/audit")).body.events.length).toBeGreaterThan(5);
    const client = await own.client(own.urlFor(role));
    for (const change of ["DELETE FROM", "TRUNCATE", "UPDATE"])
      await expect(
        client.query(`${change} authgraft.audit_log${change === "UPDATE" ? " SET event = 'x'" : ""}`),
      ).rejects.toMatchObject({ code: "42501" });
  });
});
