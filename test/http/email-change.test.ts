import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, openAuth, type TestAuth } from "../support/auth.ts";
import { eventsOf } from "../support/events.ts";
import { mailsTo, mailTo, tokenOf, untilSent } from "../support/mails.ts";
import { loginAgain, type Person, registerPerson } from "../support/person.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { watchPool } from "../support/watched-pool.ts";

const configuration = { development: true, throttling: "off" } as const;

let database: TestDatabase;
let auth: TestAuth;
let made = 0;

beforeAll(async () => {
  database = await createTestDatabase({ sample: "a", grafted: {} });
  auth = await openAuth(database, { configuration });
});
afterAll(() => auth.close());

/** An address that nobody has. */
function fresh(): string {
  made += 1;
  return `moved-${made}@example.com`;
}

/** Somebody who has shown their address to be theirs. */
async function verifiedPerson(): Promise<Person> {
  const person = await registerPerson(auth);
  const mail = await mailTo(auth, person.credentials.email, "verify-email");
  const answer = await auth.post("/v1/auth/verify-email", { token: tokenOf(mail) });
  expect(answer).toMatchObject({
    status: 200,
    body: { email: person.credentials.email, status: "verified" },
  });
  return person;
}

function ask(person: Person, email: string, others: object = {}): Promise<Answer> {
  const { token, credentials } = person;
  return auth.post("/v1/users/me/email", { email, password: credentials.password, ...others }, { token });
}

const confirm = (token: string) => auth.post("/v1/auth/confirm-email-change", { token });

async function tokensOf({ credentials }: Person, email: string): Promise<{ new: string; old: string }> {
  const confirmation = await mailTo(auth, email, "change-email-confirm");
  const approval = await mailTo(auth, credentials.email, "change-email-approve");
  return { new: tokenOf(confirmation), old: tokenOf(approval) };
}

const me = async ({ token }: Pick<Person, "token">) => (await auth.get("/v1/users/me", { token })).body.user;

describe("a change of email from an address that was verified", () => {
  test.each([
    ["the new one first", ["new", "old"]],
    ["the old one first", ["old", "new"]],
  ] as const)("is made when both sides have agreed, %s", async (_, [first, second]) => {
    const person = await verifiedPerson();
    const email = fresh();
    expect(await ask(person, email)).toMatchObject({
      status: 202,
      body: { status: "pending", awaiting: ["new", "old"] },
    });
    const tokens = await tokensOf(person, email);
    expect(await confirm(tokens[first])).toMatchObject({
      status: 200,
      body: { status: "pending", awaiting: [second] },
    });
    expect(await me(person)).toMatchObject({ email: person.credentials.email, email_verified: true });
    expect(await confirm(tokens[second])).toMatchObject({
      status: 200,
      body: { status: "changed", awaiting: [] },
    });
    expect(await me(person)).toMatchObject({ email, email_verified: true });
    expect((await mailTo(auth, person.credentials.email, "email-changed")).text).toContain(email);
    for (const token of [tokens.new, tokens.old]) {
      expect(await confirm(token)).toMatchObject({ status: 422, body: { code: "link_invalid" } });
    }
    const { password } = person.credentials;
    expect((await auth.post("/v1/auth/login", { email, password })).status).toBe(200);
    expect((await auth.post("/v1/auth/login", person.credentials)).status).toBe(401);
    const kinds = ["email_change_requested", "email_change_confirmed", "email_changed"];
    const events = await Promise.all(kinds.map((kind) => eventsOf(database, kind)));
    for (const of of events) {
      expect(of.at(-1)).toMatchObject({
        user_id: person.id,
        actor: "user",
        actor_id: person.id,
        result: "success",
      });
    }
  });

  test("of both sides at once one is the last", async () => {
    const person = await verifiedPerson();
    const email = fresh();
    await ask(person, email);
    const tokens = await tokensOf(person, email);
    const answers = await Promise.all([confirm(tokens.new), confirm(tokens.old)]);
    expect(answers.map(({ body }) => body.status).toSorted()).toEqual(["changed", "pending"]);
    expect(await me(person)).toMatchObject({ email });
  });

  test("one link by sixteen at once counts once", async () => {
    const person = await verifiedPerson();
    const email = fresh();
    await ask(person, email);
    const tokens = await tokensOf(person, email);
    const answers = await Promise.all(Array.from({ length: 16 }, () => confirm(tokens.new)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(15).fill(422)]);
    expect(await me(person)).toMatchObject({ email: person.credentials.email });
  });

  test("a new request takes the place of the one before it", async () => {
    const person = await verifiedPerson();
    const [first, second] = [fresh(), fresh()];
    await ask(person, first);
    const earlier = await tokensOf(person, first);
    expect((await ask(person, second)).status).toBe(202);
    const approval = await mailTo(auth, person.credentials.email, "change-email-approve", 2);
    for (const token of [earlier.new, earlier.old]) expect((await confirm(token)).status).toBe(422);
    await confirm(tokenOf(await mailTo(auth, second, "change-email-confirm")));
    expect((await confirm(tokenOf(approval))).body.status).toBe("changed");
    expect(await me(person)).toMatchObject({ email: second });
  });

  test("takes other links of the user back: they went to the address from before", async () => {
    const person = await verifiedPerson();
    const email = fresh();
    await auth.post("/v1/auth/forgot-password", { email: person.credentials.email });
    const reset = tokenOf(await mailTo(auth, person.credentials.email, "reset-password"));
    await ask(person, email);
    const tokens = await tokensOf(person, email);
    await confirm(tokens.new);
    await confirm(tokens.old);
    const answer = await auth.post("/v1/auth/reset-password", {
      token: reset,
      password: "a tower of violins",
    });
    expect(answer).toMatchObject({ status: 422, body: { code: "link_invalid" } });
  });
});

describe("a change of email from an address that nobody has verified, or from none", () => {
  test("takes the new side alone, and the old address is told", async () => {
    const person = await registerPerson(auth);
    const email = fresh();
    expect((await ask(person, email)).body).toEqual({ status: "pending", awaiting: ["new"] });
    const token = tokenOf(await mailTo(auth, email, "change-email-confirm"));
    expect((await confirm(token)).body).toEqual({ status: "changed", awaiting: [] });
    expect(await me(person)).toMatchObject({ email, email_verified: true });
    await mailTo(auth, person.credentials.email, "email-changed");
  });

  test("a user without an address gets one, and nobody is told", async () => {
    const person = await registerPerson(auth);
    await database.query("UPDATE users SET email = NULL WHERE id = $1", [person.id]);
    const email = fresh();
    expect((await ask(person, email)).body).toEqual({ status: "pending", awaiting: ["new"] });
    const token = tokenOf(await mailTo(auth, email, "change-email-confirm"));
    expect((await confirm(token)).body.status).toBe("changed");
    expect(await me(person)).toMatchObject({ email, email_verified: true });
  });
});

describe("an address that is somebody else's", () => {
  test.each([
    ["as it is", (email: string) => email],
    ["in another case", (email: string) => email.toUpperCase()],
  ])("%s: the answer is the same, and no mail goes there", async (_, change) => {
    const person = await verifiedPerson();
    const owner = await registerPerson(auth);
    const taken = change(owner.credentials.email);
    const free = await ask(await verifiedPerson(), fresh());
    const answer = await ask(person, taken);
    expect([answer.status, answer.text]).toEqual([free.status, free.text]);
    const approval = tokenOf(await mailTo(auth, person.credentials.email, "change-email-approve"));
    expect((await confirm(approval)).body).toEqual({ status: "pending", awaiting: ["new"] });
    await untilSent(database);
    const told = [...(await mailsTo(auth, taken)), ...(await mailsTo(auth, owner.credentials.email))];
    expect(told.map(({ kind }) => kind)).not.toContain("change-email-confirm");
    expect(await me(person)).toMatchObject({ email: person.credentials.email });
  });

  test("taken between request and confirmation: 409, and nothing is used up", async () => {
    const person = await registerPerson(auth);
    const email = fresh();
    await ask(person, email);
    const token = tokenOf(await mailTo(auth, email, "change-email-confirm"));
    const rival = await registerPerson(auth, { email: email.toUpperCase() });
    expect(await confirm(token)).toMatchObject({
      status: 409,
      body: { code: "email_taken", errors: [{ field: "email", code: "email_taken" }] },
    });
    expect(await me(person)).toMatchObject({ email: person.credentials.email, email_verified: false });
    await database.query("DELETE FROM users WHERE id = $1", [rival.id]);
    expect((await confirm(token)).body.status).toBe("changed");
  });

  test("a look-alike of another script is another address", async () => {
    // U+0131 is the dotless i: upper case of both is I, in Unicode's tables.
    await registerPerson(auth, { email: "kim-look@example.com" });
    const person = await registerPerson(auth);
    const email = "k\u0131m-look@example.com";
    expect((await ask(person, email)).status).toBe(202);
    expect((await confirm(tokenOf(await mailTo(auth, email, "change-email-confirm")))).body.status).toBe(
      "changed",
    );
    // U+212A, the Kelvin sign, is another spelling of K in NFC: no address is written with it.
    expect((await ask(person, "\u212Aim-look@example.com")).status).toBe(422);
  });
});

describe("what happens meanwhile", () => {
  test("where the old application has changed the address, links from before do not count", async () => {
    const person = await verifiedPerson();
    const email = fresh();
    await ask(person, email);
    const tokens = await tokensOf(person, email);
    const elsewhere = fresh();
    await database.query("UPDATE users SET email = $2 WHERE id = $1", [person.id, elsewhere]);
    for (const token of [tokens.new, tokens.old]) {
      expect(await confirm(token)).toMatchObject({ status: 422, body: { code: "link_invalid" } });
    }
    expect(await me(person)).toMatchObject({ email: elsewhere, email_verified: false });
  });

  test("between the two sides, too", async () => {
    const person = await verifiedPerson();
    const email = fresh();
    await ask(person, email);
    const tokens = await tokensOf(person, email);
    await confirm(tokens.new);
    await database.query("UPDATE users SET email = NULL WHERE id = $1", [person.id]);
    expect((await confirm(tokens.old)).status).toBe(422);
    expect((await me(person)).email).toBeNull();
  });

  test("a user who is disabled or gone has no links that work", async () => {
    const [disabled, gone] = [await registerPerson(auth), await registerPerson(auth)];
    const emails = [fresh(), fresh()] as const;
    await ask(disabled, emails[0]);
    await ask(gone, emails[1]);
    const tokens = await Promise.all(
      emails.map(async (email) => tokenOf(await mailTo(auth, email, "change-email-confirm"))),
    );
    await database.query(
      "INSERT INTO authgraft.accounts (user_id, disabled_at) VALUES ($1, now()) ON CONFLICT (user_id) DO UPDATE SET disabled_at = now()",
      [disabled.id],
    );
    await database.query("DELETE FROM users WHERE id = $1", [gone.id]);
    for (const token of tokens) {
      expect(await confirm(token)).toMatchObject({ status: 422, body: { code: "link_invalid" } });
    }
  });

  test("67. a link that is too old changes nothing", async () => {
    const person = await registerPerson(auth);
    const email = fresh();
    await ask(person, email);
    const token = tokenOf(await mailTo(auth, email, "change-email-confirm"));
    await database.query("UPDATE authgraft.one_time_tokens SET expires_at = now() WHERE email = $1", [email]);
    expect(await confirm(token)).toMatchObject({ status: 422, body: { code: "link_invalid" } });
  });

  test("a link for something else is none", async () => {
    const person = await registerPerson(auth);
    const token = tokenOf(await mailTo(auth, person.credentials.email, "verify-email"));
    expect((await confirm(token)).status).toBe(422);
    expect((await auth.post("/v1/auth/verify-email", { token })).status).toBe(200);
  });

  test("whoever is signed out while the password is looked at changes nothing", async () => {
    const person = await registerPerson(auth);
    const pool = watchPool(database.pool(), {
      onQuery: (text) =>
        text.includes("FOR NO KEY UPDATE") &&
        auth.post("/v1/auth/logout", undefined, { token: person.token }),
    });
    const overtaken = await openAuth(database, { configuration, pool });
    const request = { email: fresh(), password: person.credentials.password };
    const answer = await overtaken.post("/v1/users/me/email", request, { token: person.token });
    expect(answer).toMatchObject({ status: 401, body: { code: "invalid_token" } });
  });
});

describe("who may ask", () => {
  test.each([
    ["no password", { password: undefined }, 422, "field_required", "password"],
    ["the wrong one", { password: "incorrect horse" }, 422, "field_invalid", "password"],
    ["an address that is none", { email: "ada at example.com" }, 422, "field_invalid", "email"],
    ["two in one", { email: "a@x.co,b@x.co" }, 422, "field_invalid", "email"],
    ["a list of them", { email: ["a@x.co"] }, 422, "field_invalid", "email"],
    ["is_admin besides", { is_admin: true }, 422, "field_unknown", "is_admin"],
    ["an id besides", { id: "1" }, 422, "field_unknown", "id"],
    [
      "a page of somebody else's",
      { redirect_to: "https://evil.example/" },
      422,
      "redirect_refused",
      "redirect_to",
    ],
  ])("refuses %s, by name", async (_, changes, status, code, field) => {
    const person = await registerPerson(auth);
    const answer = await ask(person, fresh(), changes);
    expect(answer).toMatchObject({ status, body: { code, errors: [{ field, code }] } });
  });

  test("the address that they have already is told to be that", async () => {
    const person = await registerPerson(auth);
    expect(await ask(person, person.credentials.email)).toMatchObject({
      status: 409,
      body: { code: "email_unchanged" },
    });
  });

  test("a user without a password has to have signed in lately", async () => {
    const person = await registerPerson(auth);
    await database.query("UPDATE users SET password_hash = NULL WHERE id = $1", [person.id]);
    const email = fresh();
    expect((await ask(person, email, { password: undefined })).status).toBe(202);
    await database.query(
      "UPDATE authgraft.sessions SET created_at = now() - interval '16 minutes' WHERE id = $1",
      [person.sessionId],
    );
    expect(await ask(person, email, { password: undefined })).toMatchObject({
      status: 403,
      body: { code: "recent_login_required" },
    });
  });

  test("nobody without a token, and nobody where no mail is sent", async () => {
    expect((await auth.post("/v1/users/me/email", { email: fresh() })).status).toBe(401);
    const mailless = await openAuth(database, { configuration: { throttling: "off" } });
    const person = await registerPerson(mailless, { email: fresh(), username: `without-mail-${made}` });
    const request = { email: fresh(), password: person.credentials.password };
    const answer = await mailless.post("/v1/users/me/email", request, { token: person.token });
    expect(answer.body.code).toBe("mail_unavailable");
  });
});

describe("the application's own part in it", () => {
  test("its hook is told in the transaction, and may say no", async () => {
    const told: unknown[] = [];
    const hooked = await openAuth(database, {
      configuration: {
        ...configuration,
        hooks: {
          onEmailChange: async ({ user, previous }, { query }) => {
            const { rows } = await query("SELECT email FROM users WHERE id = $1", [user.id]);
            told.push({ user: user.email, previous, rows });
            if (told.length === 1) throw new Error("not just now");
          },
        },
      },
    });
    const person = await registerPerson(auth);
    const email = fresh();
    await ask(person, email);
    const token = tokenOf(await mailTo(auth, email, "change-email-confirm"));
    const first = await hooked.post("/v1/auth/confirm-email-change", { token });
    expect(first).toMatchObject({ status: 503, body: { code: "hook_failed" } });
    expect(await me(person)).toMatchObject({ email: person.credentials.email });
    expect((await hooked.post("/v1/auth/confirm-email-change", { token })).status).toBe(200);
    const event = { user: email, previous: person.credentials.email, rows: [{ email }] };
    expect(told).toEqual([event, event]);
  });

  test("what its rules refuse is 422, and nothing is used up", async () => {
    const person = await registerPerson(auth);
    const email = fresh();
    await ask(person, email);
    const token = tokenOf(await mailTo(auth, email, "change-email-confirm"));
    await database.query(`ALTER TABLE users ADD CONSTRAINT not_there CHECK (email <> '${email}') NOT VALID`);
    const answer = await confirm(token);
    await database.query("ALTER TABLE users DROP CONSTRAINT not_there");
    expect(answer).toMatchObject({ status: 422, body: { code: "field_invalid" } });
    expect(answer.text).not.toContain("not_there");
    expect((await confirm(token)).status).toBe(200);
  });

  test("a link leads to a page that the configuration allows, if the request asks for it", async () => {
    const pages = { ...configuration, allowedRedirects: ["https://shop.example.com/account"] };
    const shop = await openAuth(database, { configuration: pages });
    const person = await registerPerson(shop, { email: fresh(), username: `shopper-${made}` });
    const email = fresh();
    const page = "https://shop.example.com/account/moved";
    const body = { email, password: person.credentials.password, redirect_to: page };
    expect((await shop.post("/v1/users/me/email", body, { token: person.token })).status).toBe(202);
    expect((await mailTo(shop, email, "change-email-confirm")).link).toMatch(`${page}#token=ago_`);
  });

  test("another session of the same person goes on", async () => {
    const person = await registerPerson(auth);
    const other = await loginAgain(auth, person);
    const email = fresh();
    await ask(person, email);
    await confirm(tokenOf(await mailTo(auth, email, "change-email-confirm")));
    expect((await me(other)).email).toBe(email);
  });
});
