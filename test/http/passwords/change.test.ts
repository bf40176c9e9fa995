import { beforeEach, describe, expect, test } from "vitest";
import { openAuth, type TestAuth } from "../../support/auth.ts";
import { mailTo } from "../../support/mails.ts";
import { count, type OldUser, oldUser } from "../../support/people.ts";
import { loginAgain, type Person, registerPerson } from "../../support/person.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";

const CHANGE = "/v1/users/me/password";
const FIRST = "/v1/users/me/password/first";
const NEW_PASSWORD = "a tower of violins";

let database: TestDatabase;
let auth: TestAuth;

/** Vouches for whoever a header names, as the old application of these tests. */
const bridge = (request: Request) => request.headers.get("x-old-user");

describe.each(["a", "b"] as const)("changing a password on sample %s", (sample) => {
  let ada: Person;

  beforeEach(async () => {
    database = await createTestDatabase({ sample, grafted: {} });
    auth = await openAuth(database, { configuration: { development: true } });
    ada = await registerPerson(auth, sample === "b" ? { display_name: "Ada" } : {});
  });

  const change = (current_password: string, password = NEW_PASSWORD, { token } = ada) =>
    auth.post(CHANGE, { current_password, password }, { token });
  const status = async (token: string) => (await auth.get("/v1/users/me", { token })).status;

  test("signs out everywhere else, and goes on in a new session", async () => {
    const phone = await loginAgain(auth, ada);
    const { status: changed, body } = await change(ada.credentials.password);
    expect({ changed, user: body.user }).toMatchObject({ changed: 200, user: { id: ada.id } });
    expect([await status(ada.token), await status(phone.token), await status(body.token)]).toEqual([
      401, 401, 200,
    ]);
    await expect(auth.verify(body.token)).resolves.toMatchObject({ userId: ada.id });
    for (const { refreshToken } of [ada, phone]) {
      expect((await auth.post("/v1/auth/refresh", { refresh_token: refreshToken })).status).toBe(401);
    }
    expect((await auth.post("/v1/auth/refresh", { refresh_token: body.refresh_token })).status).toBe(200);
    const { email } = ada.credentials;
    expect((await auth.post("/v1/auth/login", ada.credentials)).status).toBe(401);
    expect((await auth.post("/v1/auth/login", { email, password: NEW_PASSWORD })).status).toBe(200);
    expect((await mailTo(auth, email, "password-changed")).link).toBeNull();
    const { rows } = await database.query(
      "SELECT user_id, actor_id, session_id::text FROM authgraft.audit_log WHERE event = 'password_changed'",
    );
    expect(rows).toEqual([{ user_id: ada.id, actor_id: ada.id, session_id: ada.sessionId }]);
  });

  test("11. needs the current one", async () => {
    for (const wrong of [
      NEW_PASSWORD,
      ada.credentials.password.toUpperCase(),
      `${ada.credentials.password} `,
      "",
    ]) {
      expect(await change(wrong)).toMatchObject({
        status: 422,
        body: { code: "field_invalid", errors: [{ field: "current_password", code: "field_invalid" }] },
      });
    }
    expect(await status(ada.token)).toBe(200);
    expect((await auth.post("/v1/auth/login", ada.credentials)).status).toBe(200);
    expect(await count(database, "authgraft.audit_log WHERE event = 'password_changed'")).toBe(0);
  });

  test("26. guesses at the current one are counted, and a burst gets no more than the limit", async () => {
    const limited = await openAuth(database, {
      configuration: { throttling: { failuresPerAccount: { most: 3 } } },
    });
    const guess = (current_password: string) =>
      limited.post(CHANGE, { current_password, password: NEW_PASSWORD }, ada);
    const answers = await Promise.all(Array.from({ length: 10 }, (_, n) => guess(`wrong ${n}`)));
    expect(answers.filter((answer) => answer.status === 422)).toHaveLength(3);
    expect(answers.filter((answer) => answer.status === 429)).toHaveLength(7);
    const refused = await guess(ada.credentials.password);
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toMatch(/^\d+$/);
  });

  test("7, 8. the new one is held to the policy, before the current one is looked at", async () => {
    for (const [password, code] of [
      ["short", "password_too_short"],
      ["x".repeat(73), "password_too_long"],
      ["password1", "password_common"],
      [ada.credentials.email, "password_guessable"],
    ] as const) {
      const answer = await change(ada.credentials.password, password);
      expect(answer).toMatchObject({ status: 422, body: { code, errors: [{ field: "password" }] } });
    }
    expect(await status(ada.token)).toBe(200);
  });

  test("with the refresh token in a cookie, for pages of one's own only", async () => {
    const body = { current_password: ada.credentials.password, password: NEW_PASSWORD, refresh: "cookie" };
    const from = (origin: string) => auth.post(CHANGE, body, { token: ada.token, headers: { origin } });
    expect(await from("https://evil.example")).toMatchObject({
      status: 403,
      body: { code: "origin_refused" },
    });
    const { status: changed, body: signedIn, headers } = await from("http://localhost");
    expect({ changed, refresh: signedIn.refresh_token }).toEqual({ changed: 200, refresh: undefined });
    expect(headers.get("set-cookie")).toMatch(/authgraft_refresh=agr_[^;]+;.*HttpOnly/);
  });

  test("links that were sent before are void", async () => {
    await mailTo(auth, ada.credentials.email, "verify-email");
    expect(await count(database, "authgraft.one_time_tokens")).toBe(1);
    expect((await change(ada.credentials.password)).status).toBe(200);
    expect(await count(database, "authgraft.one_time_tokens")).toBe(0);
  });

  test("what is no such request is refused by name", async () => {
    const good = { current_password: ada.credentials.password, password: NEW_PASSWORD };
    for (const [body, code, field] of [
      [{}, "field_required", "current_password"],
      [{ ...good, password: ["x"] }, "field_invalid", "password"],
      [{ ...good, current_password: 1 }, "field_invalid", "current_password"],
      [{ ...good, user_id: "1" }, "field_unknown", "user_id"],
      [{ ...good, refresh: "header" }, "field_invalid", "refresh"],
    ] as const) {
      expect(await auth.post(CHANGE, body, { token: ada.token })).toMatchObject({
        status: 422,
        body: { code, errors: expect.arrayContaining([expect.objectContaining({ field, code })]) },
      });
    }
    expect((await auth.post(CHANGE, good)).status).toBe(401);
    expect((await auth.post(CHANGE, good, { token: `${ada.token}x` })).status).toBe(401);
    await auth.post("/v1/auth/logout", undefined, { token: ada.token });
    expect((await change(ada.credentials.password)).status).toBe(401);
  });
});

describe("the first password of a user who never had one", () => {
  let ada: OldUser;
  let token: string;

  beforeEach(async () => {
    database = await createTestDatabase({ sample: "b", grafted: {} });
    auth = await openAuth(database, { configuration: { development: true, bridge } });
    ada = await oldUser(database);
    token = await signIn();
  });

  const signIn = async () =>
    (await auth.post("/v1/auth/bridge", undefined, { headers: { "x-old-user": ada.id } })).body.token;
  const setFirst = (password = NEW_PASSWORD, own = token) => auth.post(FIRST, { password }, { token: own });

  test("is set by who has just signed in; the session goes on, and others end", async () => {
    const other = await signIn();
    const before = (
      await database.query("SELECT to_jsonb(u) - 'password_hash' AS row FROM users u WHERE id = $1", [ada.id])
    ).rows;
    expect(await setFirst()).toMatchObject({ status: 204, text: "" });
    expect((await auth.get("/v1/users/me", { token })).status).toBe(200);
    expect((await auth.get("/v1/users/me", { token: other })).status).toBe(401);
    const { username } = ada;
    const login = await auth.post("/v1/auth/login", { username, password: NEW_PASSWORD });
    expect(login.body.user).toMatchObject({ id: ada.id, email: ada.email, email_verified: false });
    await mailTo(auth, ada.email ?? "", "password-changed");
    const after = await database.query(
      "SELECT to_jsonb(u) - 'password_hash' AS row FROM users u WHERE id = $1",
      [ada.id],
    );
    expect(after.rows).toEqual(before);
    expect(await count(database, "authgraft.audit_log WHERE event = 'password_set'")).toBe(1);
  });

  test("is set once", async () => {
    expect((await setFirst()).status).toBe(204);
    expect(await setFirst("another tower")).toMatchObject({ status: 409, body: { code: "password_exists" } });
    const login = { username: ada.username, password: NEW_PASSWORD };
    expect((await auth.post("/v1/auth/login", login)).status).toBe(200);
  });

  test("of eight who set it at once, one does", async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, place) => setFirst(`${NEW_PASSWORD} ${place}`)),
    );
    const won = answers.flatMap(({ status }, place) => (status === 204 ? [place] : []));
    expect(won).toHaveLength(1);
    expect(answers.filter(({ body }) => body?.code === "password_exists")).toHaveLength(7);
    const login = { username: ada.username, password: `${NEW_PASSWORD} ${won[0]}` };
    expect((await auth.post("/v1/auth/login", login)).status).toBe(200);
  });

  test("needs a session that began lately", async () => {
    await database.query("UPDATE authgraft.sessions SET created_at = created_at - interval '16 minutes'");
    expect(await setFirst()).toMatchObject({ status: 403, body: { code: "recent_login_required" } });
    expect((await setFirst(NEW_PASSWORD, await signIn())).status).toBe(204);
  });

  test("7, 8. is held to the policy", async () => {
    for (const [password, code] of [
      ["short", "password_too_short"],
      ["password1", "password_common"],
      [`${ada.username}2024`, "password_guessable"],
    ] as const) {
      expect(await setFirst(password)).toMatchObject({ status: 422, body: { code } });
    }
    expect((await auth.post(FIRST, { password: NEW_PASSWORD, email: "x" }, { token })).body.code).toBe(
      "field_unknown",
    );
    expect((await auth.post(FIRST, { password: NEW_PASSWORD })).status).toBe(401);
  });

  test("cannot be changed before there is one; the answer is that to a wrong one", async () => {
    for (const current_password of ["", NEW_PASSWORD]) {
      expect(await auth.post(CHANGE, { current_password, password: NEW_PASSWORD }, { token })).toMatchObject({
        status: 422,
        body: { code: "field_invalid", errors: [{ field: "current_password" }] },
      });
    }
  });
});
