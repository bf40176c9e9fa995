import { beforeAll, describe, expect, test } from "vitest";
import { ADMIN_KEY, BY_KEY, byToken, openAdmin, register, registerAdmin } from "../../support/admin.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ sample: "b", grafted: {} });
});

/** Every route that takes an administrator's token too. */
function routes(auth: { routes: readonly { method: string; path: string }[] }) {
  return auth.routes
    .filter(({ path, method }) => path.startsWith("/admin/") && method !== "OPTIONS" && method !== "ALL")
    .map(({ method, path }) => ({
      method,
      path: path.replace(/:id|\{id\}/, "0"),
      byKeyAlone: path === "/admin/query",
    }));
}

const URLS = () => ({ adminQueryDatabase: database.url, migrationDatabase: database.url });

describe("who is let in to /admin", () => {
  test("without a key or token: 401; with a user's token: 403; on every route", async () => {
    const auth = await openAdmin(database, { ...URLS(), configuration: { throttling: "off" } });
    const somebody = await register(auth);
    const all = routes(auth);
    expect(all.length).toBeGreaterThan(12);
    for (const { method, path, byKeyAlone } of all) {
      const body = method === "POST" ? { body: '{"query":"SELECT 1"}' } : {};
      const json = { "content-type": "application/json" };
      const without = path === "/admin/migrations/up" || path === "/admin/migrations/down" ? {} : body;
      const nobody = await auth.send(path, { method, headers: json, ...without });
      expect([path, nobody.status]).toEqual([path, 401]);
      const user = await auth.send(path, {
        ...{ method, headers: { ...json, authorization: `Bearer ${somebody.token}` }, ...without },
      });
      expect([path, user.status]).toEqual([path, byKeyAlone ? 401 : 403]);
      const wrong = await auth.send(path, {
        ...{ method, headers: { ...json, "x-admin-api-key": `${ADMIN_KEY}x` }, ...without },
      });
      expect([path, wrong.status, wrong.body.code]).toEqual([path, 401, "invalid_credentials"]);
    }
  });

  test("a wrong key is refused whoever's token is beside it, and written down without the key", async () => {
    const auth = await openAdmin(database);
    const admin = await registerAdmin(auth, database);
    const headers = {
      authorization: `Bearer ${admin.token}`,
      "x-admin-api-key": "canary-canary-canary-canary-canary",
    };
    expect((await auth.send("/admin/users", { headers })).status).toBe(401);
    const { body } = await auth.get("/admin/audit?event=admin_key_refused&limit=1");
    expect(body.events[0]).toMatchObject({
      result: "failure",
      actor: { kind: "nobody", id: null },
      user_id: null,
    });
    expect(JSON.stringify(body) + auth.logs.join("")).not.toContain("canary");
  });

  test("where no key is set nobody has it, and administrators' tokens go on working", async () => {
    const off = await openAdmin(database, { adminApiKey: null });
    for (const key of [ADMIN_KEY, "", "undefined", "null"]) {
      const answer = await off.send("/admin/users", { headers: { "x-admin-api-key": key } });
      expect(answer.status).toBe(401);
    }
    const admin = await registerAdmin(off, database);
    expect((await off.send("/admin/users", byToken(admin))).status).toBe(200);
  });

  test("wrong keys are counted by address, and the right one is not kept waiting", async () => {
    const auth = await openAdmin(database, {
      configuration: { throttling: { failuresPerAddress: { most: 3, windowSeconds: 60 } } },
    });
    const from = { address: "192.0.2.77" };
    const ask = (key: string) =>
      auth.fetch(
        new Request("http://localhost/admin/users?limit=1", { headers: { "x-admin-api-key": key } }),
        from,
      );
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++) statuses.push((await ask("wrong")).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    expect((await ask(ADMIN_KEY)).status).toBe(200);
  });

  test.for(["short", "a".repeat(31), `${"a".repeat(40)} b`, `${"ä".repeat(40)}`])(
    "a key that is too short, or that no header can carry, is refused at the start",
    async (adminApiKey) => {
      const failing = openAdmin(database, { adminApiKey });
      await expect(failing).rejects.toMatchObject({ code: "secret_weak" });
      await expect(failing).rejects.not.toThrow(adminApiKey);
    },
  );
});

test("63. a demoted administrator loses the power at once, with every token there is", async () => {
  const [auth, other] = [await openAdmin(database), await openAdmin(database)];
  const [admin, victim] = [await registerAdmin(auth, database), await registerAdmin(auth, database)];
  expect((await other.send("/admin/users?limit=1", byToken(victim))).status).toBe(200);
  const demoted = await auth.send(`/admin/users/${victim.id}/demote`, byToken(admin, "POST"));
  expect([demoted.status, demoted.body.user.is_admin]).toEqual([200, false]);
  for (const server of [auth, other]) {
    expect((await server.send("/admin/users?limit=1", byToken(victim))).status).toBe(403);
    const revenge = await server.send(`/admin/users/${admin.id}/demote`, byToken(victim, "POST"));
    expect(revenge.status).toBe(403);
  }
  expect((await auth.get(`/admin/users/${admin.id}`)).body.user.is_admin).toBe(true);
});

test("of two administrators who demote each other at once, one does", async () => {
  const auth = await openAdmin(database);
  for (let i = 0; i < 5; i++) {
    const [one, two] = [await registerAdmin(auth, database), await registerAdmin(auth, database)];
    const answers = await Promise.all([
      auth.send(`/admin/users/${two.id}/demote`, byToken(one, "POST")),
      auth.send(`/admin/users/${one.id}/demote`, byToken(two, "POST")),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 403]);
  }
});

test("without a database for it there is no /admin/query and no /admin/migrations", async () => {
  const auth = await openAdmin(database);
  expect((await auth.post("/admin/query", { query: "SELECT 1" })).status).toBe(404);
  expect((await auth.get("/admin/migrations")).status).toBe(404);
});

test("by the key or by a token, the same is answered", async () => {
  const auth = await openAdmin(database);
  const admin = await registerAdmin(auth, database);
  const [byKey, byAdmin] = await Promise.all([
    auth.send("/admin/users?limit=3", { headers: BY_KEY }),
    auth.send("/admin/users?limit=3", byToken(admin)),
  ]);
  expect(byAdmin.body).toEqual(byKey.body);
});
