import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Refusal } from "../../src/errors.ts";
import { openAuth, type TestAuth } from "../support/auth.ts";
import { eventsOf } from "../support/events.ts";
import { mailTo, tokenOf } from "../support/mails.ts";
import { loginAgain, type Person, registerPerson } from "../support/person.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

const settings = { development: true, throttling: "off" } as const;

let database: TestDatabase;
let auth: TestAuth;

beforeAll(async () => {
  database = await createTestDatabase({ sample: "a", grafted: {} });
  auth = await openAuth(database, { configuration: settings });
});
afterAll(() => auth.close());

const close = (of: TestAuth, { token, credentials: { password } }: Person, body: object = { password }) =>
  of.post("/v1/users/me/close", body, { token });

async function rowOf({ id }: Person): Promise<unknown> {
  return (await database.query("SELECT to_jsonb(u) AS row FROM users u WHERE id = $1", [id])).rows[0]?.row;
}

describe('closing an account with closeAccount "disable"', () => {
  test("ends everything at once and leaves the row as it is", async () => {
    const person = await registerPerson(auth);
    const other = await loginAgain(auth, person);
    const link = tokenOf(await mailTo(auth, person.credentials.email, "verify-email"));
    const before = await rowOf(person);
    expect((await close(auth, person)).status).toBe(204);
    for (const { token, refreshToken } of [person, other]) {
      expect((await auth.get("/v1/users/me", { token })).status).toBe(401);
      await expect(auth.verify(token)).rejects.toMatchObject({ code: "invalid_token" });
      expect((await auth.post("/v1/auth/refresh", { refresh_token: refreshToken })).status).toBe(401);
    }
    expect((await auth.post("/v1/auth/verify-email", { token: link })).status).toBe(422);
    expect(await rowOf(person)).toEqual(before);
    await mailTo(auth, person.credentials.email, "account-closed");
    expect((await eventsOf(database, "account_closed")).at(-1)).toMatchObject({
      ...{ user_id: person.id, actor: "user", detail: { mode: "disable" } },
    });
    const { rows } = await database.query(
      "SELECT closed_at IS NOT NULL AND disabled_at IS NOT NULL AS closed FROM authgraft.accounts WHERE user_id = $1",
      [person.id],
    );
    expect(rows).toEqual([{ closed: true }]);
  });

  test("20. then a login fails as for anybody unknown", async () => {
    const person = await registerPerson(auth);
    await close(auth, person);
    const closed = await auth.post("/v1/auth/login", person.credentials);
    const unknown = await auth.post("/v1/auth/login", {
      email: "nobody@example.com",
      password: "correct horse",
    });
    expect([closed.status, closed.text]).toEqual([401, unknown.text]);
  });

  test("the email is taken still", async () => {
    const person = await registerPerson(auth);
    await close(auth, person);
    const registration = { ...person.credentials, username: "somebody-new" };
    expect((await auth.post("/v1/auth/register", registration)).body.code).toBe("email_taken");
  });

  test.each([
    ["no password", {}, "field_required"],
    ["the wrong one", { password: "incorrect horse" }, "field_invalid"],
    ["a list of them", { password: ["correct horse"] }, "field_invalid"],
  ])("refuses %s, and nothing has happened", async (_, body, code) => {
    const person = await registerPerson(auth);
    expect(await close(auth, person, body)).toMatchObject({
      status: 422,
      body: { code, errors: [{ field: "password", code }] },
    });
    expect((await auth.get("/v1/users/me", { token: person.token })).status).toBe(200);
  });

  test("without a body is asked for the password, too; without a token is nobody", async () => {
    const person = await registerPerson(auth);
    const answer = await auth.post("/v1/users/me/close", undefined, { token: person.token });
    expect(answer.body.code).toBe("field_required");
    expect((await auth.post("/v1/users/me/close", {})).status).toBe(401);
  });

  test("a user without a password has to have signed in lately", async () => {
    const person = await registerPerson(auth);
    await database.query("UPDATE users SET password_hash = NULL WHERE id = $1", [person.id]);
    const age = "UPDATE authgraft.sessions SET created_at = now() - $2::interval WHERE id = $1";
    await database.query(age, [person.sessionId, "16 minutes"]);
    expect(await close(auth, person, {})).toMatchObject({
      status: 403,
      body: { code: "recent_login_required" },
    });
    await database.query(age, [person.sessionId, "14 minutes"]);
    expect((await close(auth, person, {})).status).toBe(204);
  });

  test("twice at once is once", async () => {
    const person = await registerPerson(auth);
    const answers = await Promise.all([close(auth, person), close(auth, person)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([204, 401]);
    const events = await eventsOf(database, "account_closed");
    expect(events.filter(({ user_id }) => user_id === person.id)).toHaveLength(1);
  });

  test("the application's hook may say no, and nothing has happened", async () => {
    const person = await registerPerson(auth);
    const hooked = await openAuth(database, {
      configuration: {
        ...settings,
        hooks: {
          onCloseAccount() {
            throw new Refusal("There is an order on its way.");
          },
        },
      },
    });
    expect(await close(hooked, person)).toMatchObject({
      status: 403,
      body: { code: "refused_by_application", detail: "There is an order on its way." },
    });
    expect((await auth.get("/v1/users/me", { token: person.token })).status).toBe(200);
  });

  test("31. guesses at the password are counted", async () => {
    const limited = await openAuth(database, {
      configuration: { throttling: { failuresPerAccount: { most: 2 } } },
    });
    const person = await registerPerson(limited);
    for (const status of [422, 422, 429]) {
      expect((await close(limited, person, { password: "incorrect horse" })).status).toBe(status);
    }
    const answer = await close(limited, person);
    expect(answer).toMatchObject({ status: 429, body: { code: "too_many_requests" } });
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  });
});

describe('closing an account with closeAccount "delete"', () => {
  const deleting = (sql: string) =>
    openAuth(database, {
      configuration: {
        ...settings,
        closeAccount: "delete",
        hooks: { deleteUser: async ({ user }, { query }) => void (await query(sql, [user.id])) },
      },
    });

  test("the hook deletes the row; what is left is the audit log, and a mail", async () => {
    const shop = await deleting("DELETE FROM users WHERE id = $1");
    const person = await registerPerson(auth);
    const other = await loginAgain(auth, person);
    expect((await close(shop, person)).status).toBe(204);
    expect(await rowOf(person)).toBeUndefined();
    for (const { token, refreshToken } of [person, other]) {
      expect((await shop.get("/v1/users/me", { token })).status).toBe(401);
      await expect(shop.verify(token)).rejects.toMatchObject({ code: "invalid_token" });
      expect((await shop.post("/v1/auth/refresh", { refresh_token: refreshToken })).status).toBe(401);
    }
    expect((await shop.post("/v1/auth/login", person.credentials)).status).toBe(401);
    for (const table of ["accounts", "sessions", "one_time_tokens"]) {
      const { rowCount } = await database.query(`SELECT FROM authgraft.${table} WHERE user_id = $1`, [
        person.id,
      ]);
      expect(rowCount).toBe(0);
    }
    expect((await eventsOf(database, "account_closed")).at(-1)).toMatchObject({
      ...{ user_id: person.id, detail: { mode: "delete" } },
    });
    await mailTo(shop, person.credentials.email, "account-closed");
  });

  test.each([
    ["leaves the row", "SELECT $1::text"],
    ["fails", "SELECT 1 / (length($1::text) * 0)"],
  ])("a hook that %s has closed nothing", async (_, sql) => {
    const shop = await deleting(sql);
    const person = await registerPerson(auth);
    const before = await rowOf(person);
    expect(await close(shop, person)).toMatchObject({ status: 503, body: { code: "hook_failed" } });
    expect(await rowOf(person)).toEqual(before);
    expect((await auth.get("/v1/users/me", { token: person.token })).status).toBe(200);
    expect((await auth.post("/v1/auth/login", person.credentials)).status).toBe(200);
  });

  test("without the hook is refused at the start", async () => {
    await expect(openAuth(database, { configuration: { closeAccount: "delete" } })).rejects.toMatchObject({
      code: "configuration_invalid",
      message: expect.stringContaining("deleteUser"),
    });
  });
});
