import { beforeEach, describe, expect, test } from "vitest";
import { openAuth, type TestAuth } from "../../support/auth.ts";
import { eventually } from "../../support/eventually.ts";
import { askForReset, mailTo, sentMails } from "../../support/mails.ts";
import { count, type OldUser, oldUser } from "../../support/people.ts";
import { type Person, registerPerson } from "../../support/person.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";
import { watchPool } from "../../support/watched-pool.ts";

const FORGOT = "/v1/auth/forgot-password";
const DEVELOPMENT = { development: true } as const;

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase({ sample: "b", grafted: {} });
});

/** Known with a password, known without, disabled, unknown. */
async function fourEmails(auth: TestAuth): Promise<readonly string[]> {
  const ada = await registerPerson(auth, { display_name: "Ada" });
  const eve = await registerPerson(auth, { display_name: "Eve" });
  await database.query(
    "INSERT INTO authgraft.accounts (user_id, disabled_at) VALUES ($1, now()) ON CONFLICT (user_id) DO UPDATE SET disabled_at = now()",
    [eve.id],
  );
  const { email } = await oldUser(database);
  return [ada.credentials.email, email ?? "", eve.credentials.email, "nobody@example.com"];
}

test("24. whoever has the address, or nobody, the answer is the same, in body and headers", async () => {
  const auth = await openAuth(database, { configuration: DEVELOPMENT });
  const answers = [];
  for (const email of await fourEmails(auth)) {
    const { status, text, headers } = await auth.post(FORGOT, { email });
    const alike = [...headers].filter(([name]) => name !== "x-request-id");
    answers.push(JSON.stringify({ status, text, alike, names: [...headers.keys()] }));
  }
  expect(new Set(answers).size).toBe(1);
  expect(JSON.parse(answers[0] ?? "")).toMatchObject({ status: 202, text: '{"status":"accepted"}' });
});

/** What the server asks by itself, of the queue of mails and of what was revoked, is no part of a request. */
const OF_REQUESTS = /"users"|"accounts"|one_time_tokens|audit_log|rate_limits/;

test("25. and so is all that is asked of the database before the answer", async () => {
  const statements: string[] = [];
  const pool = watchPool(database.pool(), { onQuery: (text) => statements.push(text) });
  const auth = await openAuth(database, { configuration: DEVELOPMENT, pool });
  const before = [];
  const [password = "", oauth = "", ...others] = await fourEmails(auth);
  const endOf = { [password]: "reset-password", [oauth]: "no-password" } as const;
  for (const email of [password, oauth, ...others]) {
    statements.length = 0;
    await auth.post(FORGOT, { email });
    before.push(
      statements
        .filter((text) => OF_REQUESTS.test(text))
        .toSorted()
        .join("\n"),
    );
    // What goes on in the background ends before the next one asks.
    await eventually(() => statements.some((text) => text.includes('"users"'))).toBe(true);
    if (endOf[email] !== undefined) await mailTo(auth, email, endOf[email]);
  }
  expect(new Set(before).size).toBe(1);
  expect(before[0]).toMatch(/rate_limits/);
  expect(before[0]).not.toMatch(/"users"|"accounts"|one_time_tokens|audit_log/);
});

test("too many mails to one address are refused alike, known or not", async () => {
  const configuration = { ...DEVELOPMENT, throttling: { mailsPerAccount: { most: 2 } } };
  const auth = await openAuth(database, { configuration });
  const ada = await registerPerson(auth, { display_name: "Ada" });
  const outcomes = [];
  for (const email of [ada.credentials.email, "nobody@example.com"]) {
    const asked = [];
    for (const spelt of [email, email.toUpperCase(), email])
      asked.push(await auth.post(FORGOT, { email: spelt }));
    outcomes.push(asked.map(({ status, text }) => ({ status, text })));
    expect(asked.at(-1)?.headers.get("retry-after")).toMatch(/^\d+$/);
  }
  expect(outcomes[0]?.map(({ status }) => status)).toEqual([202, 202, 429]);
  expect(outcomes[0]).toEqual(outcomes[1]);
  await mailTo(auth, ada.credentials.email, "reset-password", 2);
});

describe("68. the link in the mail", () => {
  const configuration = {
    ...DEVELOPMENT,
    publicUrl: "https://sign-in.example.com/auth",
    allowedRedirects: ["https://app.example.com/reset"],
  };
  let auth: TestAuth;
  let ada: Person;

  beforeEach(async () => {
    auth = await openAuth(database, { configuration });
    ada = await registerPerson(auth, { display_name: "Ada" });
  });

  test("is made of the configuration, whatever the request says its host is", async () => {
    const headers = {
      host: "evil.example",
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "http",
      forwarded: "host=evil.example",
      "x-original-url": "https://evil.example/",
      origin: "https://evil.example",
      referer: "https://evil.example/",
    };
    await auth.post(FORGOT, { email: ada.credentials.email }, { headers });
    const { link, text, html } = await mailTo(auth, ada.credentials.email, "reset-password");
    expect(link).toMatch(
      /^https:\/\/sign-in\.example\.com\/auth\/account\/reset-password#token=ago_[\w-]{43}$/,
    );
    expect(`${text}${html}`).not.toContain("evil");
  });

  test("69. leads to a page that the request names where the configuration allows it, and nowhere else", async () => {
    const ask = (redirect_to: string) => auth.post(FORGOT, { email: ada.credentials.email, redirect_to });
    expect((await ask("https://app.example.com/reset/now")).status).toBe(202);
    const { link } = await mailTo(auth, ada.credentials.email, "reset-password");
    expect(link).toMatch(/^https:\/\/app\.example\.com\/reset\/now#token=ago_/);
    const refused = [
      "https://app.example.com@evil.example/reset",
      "https://app.example.com.evil.example/reset",
      "https://app.example.com\\@evil.example/reset",
      "https://app.example.com/reset/%2e%2e/elsewhere",
      "https://app.example.com/reset#token=eve",
      "javascript:alert(1)",
      "//evil.example",
    ];
    for (const redirect of refused) {
      expect(await ask(redirect)).toMatchObject({
        status: 422,
        body: { code: "redirect_refused", errors: [{ field: "redirect_to" }] },
      });
    }
    expect(await sentMails(auth)).toHaveLength(2);
  });

  test("is in the language that the request asks for", async () => {
    const headers = { "accept-language": "fr-CH, de;q=0.5" };
    await auth.post(FORGOT, { email: ada.credentials.email }, { headers });
    expect((await mailTo(auth, ada.credentials.email, "reset-password")).language).toBe("fr");
  });
});

describe("who signs in by OAuth and never had a password", () => {
  let ada: OldUser & { readonly email: string };

  beforeEach(async () => {
    const user = await oldUser(database);
    ada = { ...user, email: user.email ?? "" };
  });

  test("gets no link while nobody has shown the address to be theirs, but is told so", async () => {
    const auth = await openAuth(database, { configuration: DEVELOPMENT });
    await auth.post(FORGOT, { email: ada.email });
    const mail = await mailTo(auth, ada.email, "no-password");
    expect(mail.link).toBeNull();
    expect(`${mail.text}${mail.html}`).not.toContain("ago_");
    expect(await count(database, "authgraft.one_time_tokens")).toBe(0);
  });

  test('gets one with legacyEmails: "trusted", and keeps the way in that there was', async () => {
    const auth = await openAuth(database, { configuration: { ...DEVELOPMENT, legacyEmails: "trusted" } });
    const provider = "SELECT auth_provider, auth_provider_id FROM users WHERE id = $1";
    const before = (await database.query(provider, [ada.id])).rows;
    const token = await askForReset(auth, ada.email);
    const reset = { token, password: "a tower of violins" };
    expect((await auth.post("/v1/auth/reset-password", reset)).status).toBe(204);
    const login = await auth.post("/v1/auth/login", { email: ada.email, password: reset.password });
    expect(login.body.user).toMatchObject({ id: ada.id, email_verified: true });
    expect((await database.query(provider, [ada.id])).rows).toEqual(before);
  });

  test("gets one once the address was verified here, and none when it is another since", async () => {
    const auth = await openAuth(database, { configuration: DEVELOPMENT });
    await database.query(
      "INSERT INTO authgraft.accounts (user_id, verified_email, verified_at) VALUES ($1, upper($2), now())",
      [ada.id, ada.email],
    );
    expect(await askForReset(auth, ada.email)).toMatch(/^ago_/);
    await database.query("UPDATE users SET email = 'moved@example.com' WHERE id = $1", [ada.id]);
    await auth.post(FORGOT, { email: "moved@example.com" });
    await mailTo(auth, "moved@example.com", "no-password");
  });
});

test("the mail goes to the address as it is stored, whatever case was asked with; look-alikes are nobody", async () => {
  const auth = await openAuth(database, { configuration: DEVELOPMENT });
  await registerPerson(auth, { email: "Kim@example.com", display_name: "Kim" });
  await auth.post(FORGOT, { email: "\u212Aim@example.com" });
  await auth.post(FORGOT, { email: "kIM@EXAMPLE.com" });
  const { to } = await mailTo(auth, "Kim@example.com", "reset-password");
  expect(to).toBe("Kim@example.com");
});

test("an email that two rows have is nobody's, and neither has a mail", async () => {
  const auth = await openAuth(database, { configuration: { ...DEVELOPMENT, legacyEmails: "trusted" } });
  await database.query(`ALTER TABLE users DROP CONSTRAINT users_email_key;
    DROP INDEX ${await emailIndex()};
    UPDATE users SET email = 'Twice@example.com' WHERE id IN (SELECT id FROM users ORDER BY id LIMIT 2)`);
  expect((await auth.post(FORGOT, { email: "twice@example.com" })).status).toBe(202);
  await auth.close();
  expect(await count(database, "authgraft.mail_queue")).toBe(0);
  expect(await count(database, "authgraft.one_time_tokens")).toBe(0);
});

async function emailIndex(): Promise<string> {
  const { rows } = await database.query<{ name: string }>(
    "SELECT quote_ident(indexname) AS name FROM pg_indexes WHERE tablename = 'users' AND indexdef ~ 'lower'",
  );
  return rows[0]?.name ?? "";
}

test("a request that is no such request is refused, and nothing is sent", async () => {
  const auth = await openAuth(database, { configuration: DEVELOPMENT });
  const invalid = [
    [{}, "field_required"],
    [{ email: ["ada@example.com"] }, "field_invalid"],
    [{ email: { $ne: null } }, "field_invalid"],
    [{ email: "ada@example.com,eve@example.com" }, "field_invalid"],
    [{ email: "Ada <ada@example.com>" }, "field_invalid"],
    [{ email: "ada@example.com\r\nBcc: eve@example.com" }, "field_invalid"],
    [{ email: "" }, "field_invalid"],
    [{ email: "ada@example.com", redirect_to: 1 }, "field_invalid"],
    [{ email: "ada@example.com", host: "evil.example" }, "field_unknown"],
  ] as const;
  for (const [body, code] of invalid) {
    expect(await auth.post(FORGOT, body)).toMatchObject({ status: 422, body: { code } });
  }
  expect((await auth.post(FORGOT)).status).toBe(415);
  for (const email of ["a\0da@example.com", "\ud800@example.com"]) {
    expect((await auth.post(FORGOT, { email })).status).toBe(202);
  }
  expect(await sentMails(auth)).toEqual([]);
});

test("a server that sends no mail says so", async () => {
  const auth = await openAuth(database);
  for (const email of await fourEmails(auth)) {
    expect(await auth.post(FORGOT, { email })).toMatchObject({
      status: 403,
      body: { code: "mail_unavailable" },
    });
  }
});

test("a mail is queued with its link or not at all: what an answer promised is done before the server closes", async () => {
  const auth = await openAuth(database, { configuration: DEVELOPMENT });
  const ada = await registerPerson(auth, { display_name: "Ada" });
  await mailTo(auth, ada.credentials.email, "verify-email");
  await database.query(
    "ALTER TABLE authgraft.audit_log ADD CHECK (event <> 'password_reset_requested') NOT VALID",
  );
  expect((await auth.post(FORGOT, { email: ada.credentials.email })).status).toBe(202);
  await auth.close();
  expect(await count(database, "authgraft.one_time_tokens WHERE purpose = 'reset_password'")).toBe(0);
  expect(await count(database, "authgraft.mail_queue")).toBe(0);
  expect(auth.logs.join("")).toContain("work after an answer failed");
  expect(auth.logs.join("")).not.toMatch(/ago_[\w-]{43}/);
});
