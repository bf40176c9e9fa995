import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openAuth, type TestAuth } from "../support/auth.ts";
import { eventsOf, untilEvents } from "../support/events.ts";
import { graft } from "../support/graft.ts";
import { mailsTo, mailTo, tokenOf, untilSent } from "../support/mails.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { watchPool } from "../support/watched-pool.ts";

const PASSWORD = "correct horse";
const configuration = { registration: "private", development: true, throttling: "off" } as const;

let database: TestDatabase;
let auth: TestAuth;
let made = 0;

beforeAll(async () => {
  database = await createTestDatabase({ sample: "b", grafted: {} });
  auth = await openAuth(database, { configuration });
});
afterAll(() => auth.close());

/** A registration that nobody has sent before. */
function fresh(changes: object = {}) {
  made += 1;
  const names = { username: `quiet-${made}`, display_name: "A Person" };
  return { email: `quiet-${made}@example.com`, ...names, password: PASSWORD, ...changes };
}

const register = (body: object) => auth.post("/v1/auth/register", body);
const confirm = (body: object) => auth.post("/v1/auth/register/confirm", { password: PASSWORD, ...body });

/** An account that is there, and its address. */
async function known(): Promise<string> {
  const registration = fresh();
  await register(registration);
  const token = tokenOf(await mailTo(auth, registration.email, "register-confirm"));
  expect((await confirm({ token })).status).toBe(201);
  return registration.email;
}

/** How many passwords a server has hashed. */
async function hashes({ metrics }: TestAuth): Promise<number> {
  const [, number] = /^authgraft_hashing_work_seconds_count\S* (\d+)$/m.exec(await metrics()) ?? [];
  return Number(number);
}

async function count(): Promise<number> {
  const { rows } = await database.query<{ count: number }>("SELECT count(*)::int AS count FROM users");
  return rows[0]?.count ?? -1;
}

describe("23. private registration", () => {
  test("answers alike for known and unknown emails: status, body and headers", async () => {
    const answers = [
      await register(fresh({ email: await known() })),
      await register(fresh({ email: (await known()).toUpperCase() })),
      await register(fresh()),
    ].map(({ status, text, headers }) => {
      const told = [...headers].filter(([name]) => name !== "x-request-id");
      return { status, text, headers: told };
    });
    expect(answers[0]).toMatchObject({ status: 202, text: '{"status":"accepted"}' });
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  test("does the same for both before it answers: the same statements, and one password hashed", async () => {
    const statements: string[] = [];
    let answered = Promise.withResolvers<void>();
    // Looking the email up waits for the answer: if the answer waited for that, there would be none.
    const isLookUp = (text: string) => text.includes("may_sign_in");
    const pool = watchPool(database.pool(), {
      onQuery: (text) => (isLookUp(text) ? answered.promise : void statements.push(text)),
    });
    const watched = await openAuth(database, { configuration, pool });
    const work = async (email: string) => {
      const hashed = await hashes(watched);
      statements.length = 0;
      answered = Promise.withResolvers();
      const answer = await watched.post("/v1/auth/register", fresh({ email }));
      const own = statements.filter((text) => text.includes("users"));
      answered.resolve();
      expect(answer.status).toBe(202);
      return { own, hashed: (await hashes(watched)) - hashed };
    };
    const email = await known();
    const [first, second] = [await work(email), await work("nobody-yet@example.com")];
    expect(first).toEqual(second);
    expect(first).toMatchObject({ own: [expect.stringContaining("username")], hashed: 1 });
    await mailTo(watched, email, "register-exists");
    await mailTo(watched, "nobody-yet@example.com", "register-confirm");
  });

  test("refuses the same things of both", async () => {
    const email = await known();
    for (const address of [email, "nobody@example.com"]) {
      expect((await register(fresh({ email: address, password: "password" }))).body.code).toBe(
        "password_common",
      );
      expect((await register(fresh({ email: address, is_admin: true }))).body.code).toBe("field_unknown");
    }
  });
});

describe("what the reader of the mail is told", () => {
  test("nobody's email gets a link, which makes the account, verified and signed in", async () => {
    const registration = fresh();
    const before = await count();
    await register(registration);
    const mail = await mailTo(auth, registration.email, "register-confirm");
    expect(await count()).toBe(before);
    const answer = await confirm({ token: tokenOf(mail) });
    const { email, username, display_name } = registration;
    expect(answer).toMatchObject({
      status: 201,
      body: {
        user: {
          email,
          username,
          display_name,
          email_verified: true,
          is_admin: false,
          auth_provider: "email",
        },
        refresh_token: expect.stringMatching(/^agr_/),
      },
    });
    const { token } = answer.body;
    expect((await auth.get("/v1/users/me", { token })).body.user).toEqual(answer.body.user);
    expect((await auth.post("/v1/auth/login", { email, password: PASSWORD })).status).toBe(200);
    expect((await eventsOf(database, "registered")).at(-1)?.user_id).toBe(answer.body.user.id);
  });

  test("a known email is told that there is an account, and gets no link", async () => {
    const email = await known();
    const before = await count();
    await register(fresh({ email: email.toUpperCase() }));
    expect((await mailTo(auth, email, "register-exists")).link).toBeNull();
    expect((await mailsTo(auth, email.toUpperCase())).length).toBe(0);
    expect(await count()).toBe(before);
  });

  test("whoever is disabled is told nothing", async () => {
    const email = await known();
    await database.query(
      "UPDATE authgraft.accounts SET disabled_at = now() WHERE user_id = (SELECT id FROM users WHERE email = $1)",
      [email],
    );
    const before = (await eventsOf(database, "registration_requested")).length;
    expect((await register(fresh({ email }))).status).toBe(202);
    await untilEvents(database, "registration_requested", before + 1);
    await untilSent(database);
    expect((await mailsTo(auth, email)).map(({ kind }) => kind)).toEqual(["register-confirm"]);
  });

  test("the database holds neither the token nor, in the open, what it is for", async () => {
    const registration = fresh({ username: "unseen-by-anybody" });
    await register(registration);
    const token = tokenOf(await mailTo(auth, registration.email, "register-confirm"));
    const { rows } = await database.query("SELECT t.*::text AS row FROM authgraft.one_time_tokens t");
    expect(JSON.stringify(rows)).not.toMatch(/argon2|unseen-by-anybody/);
    expect(JSON.stringify(rows)).not.toContain(token);
  });
});

describe("the link", () => {
  const ask = async (changes: object = {}) => {
    const registration = fresh(changes);
    await register(registration);
    return {
      registration,
      token: tokenOf(await mailTo(auth, registration.email, "register-confirm")),
    };
  };

  test("works once", async () => {
    const { token } = await ask();
    expect((await confirm({ token })).status).toBe(201);
    expect(await confirm({ token })).toMatchObject({ status: 422, body: { code: "link_invalid" } });
  });

  test("is of no use without the password of whoever registered, and works still after others", async () => {
    const { registration, token } = await ask({ password: "a stranger's choice" });
    const before = await count();
    for (const password of [PASSWORD, "", "a stranger's choice "]) {
      const answer = await confirm({ token, password });
      expect(answer).toMatchObject({
        status: 422,
        body: { errors: [{ field: "password", code: "field_invalid" }] },
      });
      expect(answer.text).not.toContain(registration.username);
    }
    const missing = await auth.post("/v1/auth/register/confirm", { token });
    expect(missing.body.errors).toMatchObject([{ field: "password", code: "field_required" }]);
    expect(await count()).toBe(before);
    expect((await eventsOf(database, "password_refused")).at(-1)).toMatchObject({
      ...{ user_id: null, result: "failure", detail: { reason: "wrong_password", purpose: "register" } },
    });
    expect((await confirm({ token, password: "a stranger's choice" })).status).toBe(201);
  });

  test("26. lets its password be guessed at no more often than that of an account", async () => {
    const limits = { ...configuration, throttling: { failuresPerAccount: { most: 2 } } };
    const counting = await openAuth(database, { configuration: limits });
    const { token } = await ask();
    const guess = (password: string) => counting.post("/v1/auth/register/confirm", { token, password });
    const answers = [await guess("a first"), await guess("a second"), await guess(PASSWORD)];
    expect(answers.map(({ status }) => status)).toEqual([422, 422, 429]);
    await counting.close();
  });

  test("of sixteen who use it at once, one does", async () => {
    const { token } = await ask();
    const before = await count();
    const answers = await Promise.all(Array.from({ length: 16 }, () => confirm({ token })));
    const losers = answers.filter(({ status }) => status !== 201);
    expect(losers).toHaveLength(15);
    // As many passwords as wait for one account are looked at, no more.
    for (const { body } of losers) expect(["link_invalid", "overloaded"]).toContain(body.code);
    expect(await count()).toBe(before + 1);
  });

  test("of two for one email the second finds it taken, and is told", async () => {
    const { registration, token } = await ask();
    await register({ ...registration, username: "quiet-second" });
    const second = tokenOf(await mailTo(auth, registration.email, "register-confirm", 2));
    const answers = await Promise.all([confirm({ token }), confirm({ token: second })]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    expect(answers.find(({ status }) => status === 409)?.body.code).toBe("email_taken");
  });

  test("where the username was taken meanwhile takes another, with the same link", async () => {
    const { registration, token } = await ask();
    const rival = await ask({ username: registration.username });
    expect((await confirm({ token: rival.token })).status).toBe(201);
    expect(await confirm({ token })).toMatchObject({ status: 409, body: { code: "username_taken" } });
    expect(await confirm({ token, username: "!" })).toMatchObject({
      status: 422,
      body: { errors: [{ field: "username", code: "field_invalid" }] },
    });
    const answer = await confirm({ token, username: `${registration.username}-2` });
    expect(answer).toMatchObject({ status: 201, body: { user: { username: `${registration.username}-2` } } });
  });

  test("67. that is too old makes no account", async () => {
    const { registration, token } = await ask();
    await database.query("UPDATE authgraft.one_time_tokens SET expires_at = now() WHERE email = $1", [
      registration.email,
    ]);
    expect((await confirm({ token })).body.code).toBe("link_invalid");
  });

  test("33. takes no other field", async () => {
    const { token } = await ask();
    for (const field of ["is_admin", "id", "email", "password_hash"]) {
      const answer = await confirm({ token, [field]: "true" });
      expect(answer).toMatchObject({ status: 422, body: { errors: [{ field, code: "field_unknown" }] } });
    }
    expect((await confirm({ token })).status).toBe(201);
  });

  test("of a server whose secret has gone is too old as well", async () => {
    const { token } = await ask();
    await database.query("UPDATE authgraft.one_time_tokens SET detail = '{}'::jsonb");
    expect((await confirm({ token })).body.code).toBe("link_invalid");
  });
});

describe("what is told at once", () => {
  test("a username that is taken, of known and of unknown emails alike", async () => {
    const email = await known();
    const { rows } = await database.query<{ username: string }>(
      "SELECT username FROM users WHERE email = $1",
      [email],
    );
    const username = rows[0]?.username;
    for (const address of [email, "nobody@example.com"]) {
      expect(await register(fresh({ email: address, username }))).toMatchObject({
        status: 409,
        body: { code: "username_taken", errors: [{ field: "username" }] },
      });
    }
  });

  test("how the refresh token is wanted is for the link's request to say", async () => {
    const registration = fresh();
    expect((await register({ ...registration, refresh: "cookie" })).body.code).toBe("field_unknown");
    await register(registration);
    const token = tokenOf(await mailTo(auth, registration.email, "register-confirm"));
    const headers = { origin: "http://localhost" };
    const answer = await auth.post(
      "/v1/auth/register/confirm",
      { token, password: PASSWORD, refresh: "cookie" },
      { headers },
    );
    expect(answer.status).toBe(201);
    expect(answer.body.refresh_token).toBeUndefined();
    expect(answer.headers.getSetCookie().join()).toContain("authgraft_refresh=agr_");
  });
});

describe("the configuration", () => {
  test("without a way to send mail is refused at the start", async () => {
    const opening = openAuth(database, { configuration: { registration: "private" } });
    await expect(opening).rejects.toMatchObject({
      code: "configuration_invalid",
      message: expect.stringContaining("private"),
    });
  });

  test("with another mode has no such route", async () => {
    const open = await openAuth(database, { configuration: { development: true } });
    expect((await open.post("/v1/auth/register/confirm", { token: "x" })).status).toBe(404);
  });

  test("fills the application's other columns (C6), and works where people have an email only", async () => {
    const other = await createTestDatabase();
    await other.query(
      "CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY (START WITH 9007199254740993) PRIMARY KEY, email text, plan text NOT NULL)",
    );
    const settings = {
      ...{ development: true, throttling: "off" as const },
      registration: { mode: "private" as const, values: { plan: "free" } },
    };
    await graft(other, settings);
    const emails = await openAuth(other, { configuration: settings });
    const registration = { email: "ada@example.com", password: PASSWORD };
    expect((await emails.post("/v1/auth/register", registration)).status).toBe(202);
    const token = tokenOf(await mailTo(emails, registration.email, "register-confirm"));
    const refused = await emails.post("/v1/auth/register/confirm", {
      token,
      password: PASSWORD,
      username: "ada",
    });
    expect(refused.body.errors).toMatchObject([{ field: "username", code: "field_unknown" }]);
    const answer = await emails.post("/v1/auth/register/confirm", { token, password: PASSWORD });
    expect(answer.body.user).toEqual({
      ...{ id: "9007199254740993", email: "ada@example.com", is_admin: false, email_verified: true },
    });
    expect((await other.query("SELECT plan FROM users")).rows).toEqual([{ plan: "free" }]);
  });
});
