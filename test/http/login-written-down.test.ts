import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ConfigurationInput } from "../../src/config/schema.ts";
import { Refusal } from "../../src/errors.ts";
import type { TestAuth } from "../support/auth.ts";
import type { TestDatabase } from "../support/postgres.ts";
import { basic, SERVICES, SHOP, STAFF } from "../support/service.ts";
import { attempt, attempts, PASSWORD, peopled, throttled, WRONG } from "../throttling/support.ts";

const P1 = { email: "p1@example.com" };
const RIGHT = { ...P1, password: PASSWORD };

let database: TestDatabase;
beforeAll(async () => {
  database = await peopled();
  await database.query(`
    INSERT INTO authgraft.accounts (user_id, disabled_at) SELECT id, now() FROM users WHERE username = 'p18';
    UPDATE users SET password_hash = NULL WHERE username = 'p19'`);
});
beforeEach(() => database.query("DELETE FROM authgraft.audit_log; DELETE FROM authgraft.rate_limits"));

async function written() {
  const { rows } = await database.query(
    `SELECT event, result, actor, u.username, actor_id = l.user_id AS by_themselves, session_id IS NOT NULL AS in_session,
            address, user_agent, detail
       FROM authgraft.audit_log l LEFT JOIN users u ON u.id::text = l.user_id ORDER BY occurred_at`,
  );
  return rows;
}

describe("the audit log has", () => {
  test("who logged in, from where and with what", async () => {
    const auth = await throttled(database, {});
    await attempt(auth, { ...RIGHT, address: "192.0.2.1", headers: { "user-agent": "a browser" } });
    expect(await written()).toEqual([
      {
        ...{ event: "login", result: "success", actor: "user", username: "p1", by_themselves: true },
        ...{ in_session: true, address: "192.0.2.1", user_agent: "a browser", detail: null },
      },
    ]);
  });

  test("20. why a login failed, which the answer does not tell", async () => {
    const auth = await throttled(database, {});
    const tries = [
      { username: "nobody", password: PASSWORD },
      P1,
      { email: "p18@example.com", password: PASSWORD },
      { email: "p19@example.com", password: PASSWORD },
    ];
    const answers = [];
    for (const one of tries) answers.push(await attempt(auth, { ...one, address: "192.0.2.1" }));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    const failure = {
      ...{ event: "login", result: "failure", actor: "nobody", by_themselves: null, in_session: false },
      ...{ address: "192.0.2.1", user_agent: null },
    };
    expect(await written()).toEqual([
      { ...failure, username: null, detail: { reason: "unknown_user" } },
      { ...failure, username: "p1", detail: { reason: "wrong_password" } },
      { ...failure, username: "p18", detail: { reason: "disabled" } },
      { ...failure, username: "p19", detail: { reason: "no_password" } },
    ]);
  });

  test("nothing of attempts beyond the limit, which are counted in the figures", async () => {
    const auth = await throttled(database, { failuresPerAccount: { most: 2 } });
    await attempts(auth, 5, P1);
    expect(await written()).toHaveLength(2);
    expect(await auth.metrics()).toContain('authgraft_throttled_total{kind="account"} 3');
  });

  test("each way out once", async () => {
    const auth = await throttled(database, {});
    const login = async () => (await attempt(auth, RIGHT)).body;
    const [first, second, third, fourth] = [await login(), await login(), await login(), await login()];
    await database.query("DELETE FROM authgraft.audit_log");
    for (const { token } of [first, first]) await auth.post("/v1/auth/logout", undefined, { token });
    await auth.post("/v1/auth/logout", { refresh_token: second.refresh_token });
    const { body } = await auth.get("/v1/users/me/sessions", { token: third.token });
    const other = body.sessions.find(({ current }: { current: boolean }) => !current);
    for (let n = 0; n < 2; n++) {
      await auth.send(`/v1/users/me/sessions/${other.id}`, {
        method: "DELETE",
        headers: { authorization: `Bearer ${third.token}` },
      });
    }
    await auth.post("/v1/auth/logout-all", {}, { token: third.token });
    expect((await auth.get("/v1/users/me", { token: fourth.token })).status).toBe(401);
    const rows = await written();
    expect(rows.map(({ event, username }) => [event, username])).toEqual([
      ["logout", "p1"],
      ["logout", "p1"],
      ["session_ended", "p1"],
      ["logout_all", "p1"],
    ]);
    expect(rows.every((row) => row.by_themselves && row.in_session)).toBe(true);
  });
});

describe("the hook onLogin", () => {
  const hooked = (onLogin: NonNullable<NonNullable<ConfigurationInput["hooks"]>["onLogin"]>) =>
    throttled(database, { failuresPerAccount: { most: 2 } }, { configuration: { hooks: { onLogin } } });
  const sessions = async () =>
    (
      await database.query(
        "SELECT FROM authgraft.sessions s JOIN users u ON u.id = s.user_id WHERE username = 'p2'",
      )
    ).rowCount;
  const P2 = { email: "p2@example.com", password: PASSWORD };

  test("is told who logged in and how, in the transaction of the session", async () => {
    const told: unknown[] = [];
    const auth = await hooked(async ({ user, method }, { query }) => {
      const { rows } = await query("SELECT event FROM authgraft.audit_log WHERE user_id = $1", [user.id]);
      told.push([user.email, method, rows]);
    });
    expect((await attempt(auth, P2)).status).toBe(200);
    expect(told).toEqual([["p2@example.com", "password", [{ event: "login" }]]]);
  });

  test("that says no leaves no session, and its reason is the answer", async () => {
    const before = await sessions();
    const auth = await hooked(() => {
      throw new Refusal("Not before noon.");
    });
    for (let n = 0; n < 3; n++) {
      const { status, body } = await attempt(auth, P2);
      expect([status, body.code, body.detail]).toEqual([403, "refused_by_application", "Not before noon."]);
    }
    expect(await sessions()).toBe(before);
    const rows = await written();
    expect(rows.map(({ result, detail }) => [result, detail])).toEqual(
      Array(3).fill(["failure", { reason: "refused_by_application" }]),
    );
  });

  test("that fails leaves no session, and says nothing", async () => {
    const before = await sessions();
    const auth = await hooked(() => {
      throw new Error("the application's own secret");
    });
    const { status, body, text } = await attempt(auth, P2);
    expect([status, body.code]).toEqual([503, "hook_failed"]);
    expect(text).not.toContain("own secret");
    expect(await sessions()).toBe(before);
  });
});

describe("the log", () => {
  const CANARY = "canary-9f27c1";
  const register = (auth: TestAuth, username: string) =>
    auth.post("/v1/auth/register", {
      ...{
        email: `${username}@example.com`,
        username,
        display_name: username,
        password: `${CANARY} of violins`,
      },
    });

  test("38. holds no password, token, cookie or name of those who log in and register", async () => {
    const auth = await throttled(database, { failuresPerAccount: { most: 3 } });
    const { body, headers } = await register(auth, "canary-name");
    const cookie = headers.getSetCookie()[0]?.split(";")[0] ?? "";
    await register(auth, "canary-name");
    const email = "canary-name@example.com";
    const tries = [
      { email, password: `${CANARY} of violins`, headers: { cookie } },
      { email, password: `${CANARY} wrong` },
      { username: `${CANARY} in the wrong field`, password: WRONG },
    ];
    for (const one of tries) await attempts(auth, 4, one);
    await database.query(
      "ALTER TABLE authgraft.rate_limits ADD CONSTRAINT none CHECK (points < 0) NOT VALID",
    );
    await attempt(auth, { email, password: CANARY });
    await database.query("ALTER TABLE authgraft.rate_limits DROP CONSTRAINT none");
    const { rows } = await database.query("SELECT l::text FROM authgraft.audit_log l");
    const all = [...auth.logs, ...rows.map(({ l }) => l), await auth.metrics()].join("\n");
    expect(auth.logs.length).toBeGreaterThan(12);
    for (const secret of [CANARY, "canary-name", body.token, body.refresh_token, cookie.split("=")[1]]) {
      expect(all).not.toContain(secret);
    }
  });

  test("39. has one line for each happening, whatever a request says", async () => {
    const auth = await throttled(database, {});
    const forged = '\n{"level":30,"msg":"forged"}\r\n\u001b[2K\u001b[31mforged\u2028forged\u0000';
    const before = auth.logs.length;
    await attempt(auth, { email: `${forged}@example.com`, password: forged });
    await attempt(auth, { username: forged, password: forged });
    await auth.post("/v1/auth/register", {
      email: forged,
      username: forged,
      password: forged,
      [forged]: forged,
    });
    await auth.get(`/v1/users/${encodeURIComponent(forged)}?${encodeURIComponent(forged)}`);
    const lines = auth.logs.slice(before);
    expect(lines.length).toBe(4);
    for (const line of lines) {
      expect(line.trimEnd()).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
      expect(line).not.toContain("forged");
      expect(JSON.parse(line)).toMatchObject({ msg: "request" });
    }
  });
});

describe("there is nobody from the start", () => {
  test("32. who could log in: no account and no secret comes with it", async () => {
    const auth = await throttled(database, {});
    for (const name of ["admin", "administrator", "root", "authgraft", "test", "demo", "postgres"]) {
      for (const password of [name, "password", "changeme", ""]) {
        expect((await attempt(auth, { username: name, password })).status).toBe(401);
      }
    }
    for (const secret of ["", "secret", "changeme".repeat(8)]) {
      await expect(throttled(database, {}, { secret })).rejects.toMatchObject({ code: "secret_weak" });
    }
  });
});

describe("a service with a wrong secret", () => {
  test("26. is told to wait after so many from its address, and one with the right secret is not", async () => {
    const auth = await throttled(
      database,
      { failuresPerAddress: { most: 2 } },
      { configuration: { services: SERVICES } },
    );
    const ask = async (authorization: string, address: string) => {
      const body = new URLSearchParams({ token: "any" });
      const request = new Request("http://localhost/oauth/introspect", {
        ...{ method: "POST", body, headers: { authorization } },
      });
      return auth.fetch(request, { address });
    };
    const wrong = basic({ id: SHOP.id, secret: STAFF.secret }).authorization;
    const statuses = [];
    for (let n = 0; n < 3; n++) statuses.push((await ask(wrong, "192.0.2.1")).status);
    expect(statuses).toEqual([401, 401, 429]);
    expect((await ask(basic(SHOP).authorization, "192.0.2.1")).status).toBe(200);
    expect((await ask(wrong, "192.0.2.2")).status).toBe(401);
  });
});
