import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openAuth, type TestAuth } from "../support/auth.ts";
import { loginAgain, type Person, registerPerson } from "../support/person.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { watchPool } from "../support/watched-pool.ts";

let database: TestDatabase;
let auth: TestAuth;

beforeAll(async () => {
  database = await createTestDatabase({ sample: "a", grafted: {} });
  auth = await openAuth(database);
});
afterAll(() => auth.close());

const PATH = "/v1/users/me/sessions";

const signedIn = () => registerPerson(auth);
const statusOf = async ({ token }: Person) => (await auth.get("/v1/users/me", { token })).status;
const refreshStatus = async ({ refreshToken }: Person) =>
  (await auth.post("/v1/auth/refresh", { refresh_token: refreshToken })).status;
const end = (id: string, token: string) =>
  auth.send(`${PATH}/${id}`, { method: "DELETE", headers: { authorization: `Bearer ${token}` } });
const logoutAll = ({ token }: Person, body?: object) => auth.post("/v1/auth/logout-all", body, { token });

async function expectOver(...people: readonly Person[]): Promise<void> {
  for (const person of people) {
    expect([await statusOf(person), await refreshStatus(person)]).toEqual([401, 401]);
  }
}

async function expectOn(...people: readonly Person[]): Promise<void> {
  for (const person of people) expect(await statusOf(person)).toBe(200);
}

describe("the sessions of a user", () => {
  test("are listed with what signed in and from where, the last used first", async () => {
    const person = await registerPerson(auth, {}, { headers: { "user-agent": "Lynx/2.9 (Teletype)" } });
    const request = new Request("http://localhost/v1/auth/login", {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": "é".repeat(300) },
      body: JSON.stringify(person.credentials),
    });
    const login = await auth.fetch(request, { address: "2001:db8:1:2:3::4" });
    const body = (await login.json()) as { readonly token: string };
    await auth.post("/v1/auth/refresh", { refresh_token: person.refreshToken });
    const answer = await auth.get(PATH, { token: body.token });
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    const times = { created_at: time, last_used_at: time, expires_at: time };
    const mine = { id: person.sessionId, current: false, user_agent: "Lynx/2.9 (Teletype)", address: null };
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      sessions: [
        { ...mine, ...times },
        {
          ...{ id: expect.any(String), current: true, ...times },
          ...{ user_agent: "é".repeat(255), address: "2001:db8:1:2" },
        },
      ],
    });
  });

  test("are those that go on, and nobody else's", async () => {
    const person = await signedIn();
    await signedIn();
    const over = {
      ended: "ended_at = now()",
      expired: "expires_at = now()",
      idle: "last_used_at = now() - interval '15 days'",
      "of another generation": "generation = 7",
    };
    for (const change of Object.values(over)) {
      const { sessionId } = await loginAgain(auth, person);
      await database.query(`UPDATE authgraft.sessions SET ${change} WHERE id = $1`, [sessionId]);
    }
    const { sessions } = (await auth.get(PATH, { token: person.token })).body;
    expect(sessions.map(({ id }: { id: string }) => id)).toEqual([person.sessionId]);
  });

  test("are no more than a hundred, however many there are", async () => {
    const { id, token } = await signedIn();
    await database.query(
      "INSERT INTO authgraft.sessions (user_id, expires_at) SELECT $1, now() + interval '1 day' FROM generate_series(1, 150)",
      [id],
    );
    expect((await auth.get(PATH, { token })).body.sessions).toHaveLength(100);
  });
});

test("what keeps a change from being made is a 503: it may be tried again (57)", async () => {
  const person = await signedIn();
  await database.query(
    "ALTER TABLE authgraft.sessions ADD CONSTRAINT never CHECK (last_used_at < '2000-01-01') NOT VALID",
  );
  const answers = [
    await auth.post("/v1/auth/refresh", { refresh_token: person.refreshToken }),
    await auth.post("/v1/auth/logout", { refresh_token: person.refreshToken }),
    await auth.post("/v1/auth/logout", undefined, { token: person.token }),
    await logoutAll(person),
    await end(person.sessionId, person.token),
  ];
  await database.query("ALTER TABLE authgraft.sessions DROP CONSTRAINT never");
  expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503, 503]);
  await expectOn(person);
});

test("logging in takes two statements about accounts, and three about attempts", async () => {
  const { credentials } = await signedIn();
  const statements: string[] = [];
  const pool = watchPool(database.pool(), {
    onQuery: (text) => {
      const [table] = /"(rate_limits|sessions|users)"/.exec(text) ?? [];
      if (table !== undefined) statements.push(table.slice(1, -1));
    },
  });
  const watched = await openAuth(database, { pool, configuration: { tokens: { listen: false } } });
  statements.length = 0;
  const login = new Request("http://localhost/v1/auth/login", {
    ...{ method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(credentials) },
  });
  expect((await watched.fetch(login, { address: "192.0.2.1" })).status).toBe(200);
  expect(statements).toEqual(["users", "rate_limits", "rate_limits", "sessions", "rate_limits"]);
});

describe("ending a session by its id", () => {
  test("ends all its tokens, and none of another session (52)", async () => {
    const person = await signedIn();
    const other = await loginAgain(auth, person);
    expect(await end(other.sessionId, person.token)).toMatchObject({ status: 204, text: "" });
    await expectOver(other);
    await expectOn(person);
  });

  test("again is the same as once (54), and one may end one's own", async () => {
    const person = await signedIn();
    const other = await loginAgain(auth, person);
    for (let time = 0; time < 2; time += 1)
      expect((await end(other.sessionId, person.token)).status).toBe(204);
    expect((await end(person.sessionId, person.token)).status).toBe(204);
    await expectOver(person);
  });

  test("that is another's, unknown or no id at all says the same, and ends nothing", async () => {
    const person = await signedIn();
    const stranger = await signedIn();
    const ids = [stranger.sessionId, "00000000-0000-4000-8000-000000000000", "x", "%00", "' OR true --"];
    for (const id of ids) {
      expect(await end(id, person.token)).toMatchObject({ status: 404, body: { code: "session_not_found" } });
    }
    await expectOn(person, stranger);
  });
});

describe("logging out everywhere", () => {
  test("ends every session and every token of the user, and of nobody else", async () => {
    const stranger = await signedIn();
    const person = await signedIn();
    const others = [await loginAgain(auth, person), await loginAgain(auth, person)];
    expect(await logoutAll(person)).toMatchObject({ status: 204, text: "" });
    await expectOver(person, ...others);
    await expectOn(stranger);
    await expectOn(await loginAgain(auth, person));
  });

  test("else keeps the session that asks", async () => {
    const person = await signedIn();
    const others = [await loginAgain(auth, person), await loginAgain(auth, person)];
    expect((await logoutAll(person, { keep_current: true })).status).toBe(204);
    await expectOver(...others);
    await expectOn(person);
    expect(await refreshStatus(person)).toBe(200);
  });

  test("by hand, with a raised generation alone, ends refresh tokens as well", async () => {
    const person = await signedIn();
    await database.query("INSERT INTO authgraft.accounts (user_id, token_generation) VALUES ($1, 3)", [
      person.id,
    ]);
    await expectOver(person);
  });

  test("twenty times at once on several devices leaves nothing open and fails nobody who was in", async () => {
    const person = await signedIn();
    const devices = [person];
    for (let device = 0; device < 4; device += 1) devices.push(await loginAgain(auth, person));
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        logoutAll(devices[n % devices.length] ?? person, { keep_current: n % 2 === 0 }),
      ),
    );
    expect(answers.every(({ status }) => status === 204 || status === 401)).toBe(true);
    expect(answers.some(({ status }) => status === 204)).toBe(true);
    await expectOver(...devices);
  });

  test("takes a valid token, and no other", async () => {
    const person = await signedIn();
    await auth.post("/v1/auth/logout", undefined, { token: person.token });
    for (const token of [person.token, person.refreshToken, "x"]) {
      expect((await auth.post("/v1/auth/logout-all", {}, { token })).status).toBe(401);
      expect((await auth.get(PATH, { token })).status).toBe(401);
      expect((await end(person.sessionId, token)).status).toBe(401);
    }
  });
});

describe("logging out with a refresh token", () => {
  const logout = (refreshToken: string) => auth.post("/v1/auth/logout", { refresh_token: refreshToken });

  test("ends its session with all its tokens, and no other; doing it again changes nothing (54)", async () => {
    const person = await signedIn();
    const other = await loginAgain(auth, person);
    for (let time = 0; time < 2; time += 1) {
      expect(await logout(person.refreshToken)).toMatchObject({ status: 204, text: "" });
    }
    await expectOver(person);
    await expectOn(other);
  });

  test("works with one whose turn is over", async () => {
    const person = await signedIn();
    await auth.post("/v1/auth/refresh", { refresh_token: person.refreshToken });
    expect((await logout(person.refreshToken)).status).toBe(204);
    await expectOver(person);
  });

  test("that is none of ours changes nothing, and one is needed", async () => {
    const person = await signedIn();
    expect((await logout(`${person.refreshToken.slice(0, -1)}_`)).status).toBe(204);
    expect((await logout("")).status).toBe(204);
    await expectOn(person);
    expect(await auth.post("/v1/auth/logout", {})).toMatchObject({
      status: 401,
      body: { code: "invalid_token" },
    });
  });
});

describe("a malformed request", () => {
  const person = async () => (await signedIn()).token;
  const ROUTES = ["/v1/auth/refresh", "/v1/auth/logout", "/v1/auth/logout-all"];

  test.each(
    ROUTES.flatMap((path) =>
      [
        ["a list", "[]", 422],
        ["a text", '"x"', 422],
        ["null", "null", 422],
        ["broken JSON", "{", 400],
        ["broken UTF-8", Buffer.from([0x22, 0xff, 0x22]), 400],
        ["a field that there is not", '{"x":1}', 422],
        ["a list for a token", '{"refresh_token":["x"],"keep_current":["x"]}', 422],
        ["a number", '{"refresh_token":1,"keep_current":1}', 422],
        ["null for a token", '{"refresh_token":null,"keep_current":null}', 422],
      ].map(([what, body, status]) => [path, what, body, status] as const),
    ),
  )("to %s with %s is refused as a problem", async (path, _, body, status) => {
    const answer = await auth.send(path, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${await person()}` },
      body: body as string,
    });
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.status).toBe(status);
  });

  test.each(ROUTES)("to %s of another type or too large is refused", async (path) => {
    const headers = { authorization: `Bearer ${await person()}` };
    const form = { ...headers, "content-type": "application/x-www-form-urlencoded" };
    expect((await auth.send(path, { method: "POST", headers: form, body: "refresh_token=x" })).status).toBe(
      415,
    );
    expect((await auth.send(path, { method: "POST", headers, body: "{}" })).status).toBe(415);
    expect((await auth.post(path, { refresh_token: "x".repeat(17_000) })).status).toBe(413);
  });

  test.each(ROUTES)(
    "to %s without a body is as good as one with an empty object, whatever its type says",
    async (path) => {
      for (const type of [undefined, "application/json", "text/plain"]) {
        const headers = {
          authorization: `Bearer ${await person()}`,
          ...(type === undefined ? {} : { "content-type": type }),
        };
        const { status } = await auth.send(path, { method: "POST", headers });
        expect(status).toBe(path === "/v1/auth/refresh" ? 401 : 204);
      }
    },
  );

  test("says what a field must be", async () => {
    const { credentials } = await signedIn();
    const login = await auth.post("/v1/auth/login", { ...credentials, refresh: "header" });
    expect(login).toMatchObject({
      status: 422,
      body: { errors: [{ field: "refresh", message: 'The field refresh must be one of "body", "cookie".' }] },
    });
    const all = await auth.post("/v1/auth/logout-all", { keep_current: "yes" }, { token: await person() });
    expect(all.body.errors).toEqual([
      {
        ...{ field: "keep_current", code: "field_invalid" },
        message: "The field keep_current must be true or false.",
      },
    ]);
  });
});
