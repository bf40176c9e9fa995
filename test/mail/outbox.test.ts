import type pg from "pg";
import { expect, test } from "vitest";
import type { ConfigurationInput } from "../../src/config/schema.ts";
import { createOutbox } from "../../src/mail/outbox.ts";
import { putIntoQueue } from "../../src/mail/queue.ts";
import { createSealedTexts } from "../../src/tokens/sealed-text.ts";
import { requireSecrets } from "../../src/tokens/secret.ts";
import { openAuth, TEST_SECRET, type TestAuth } from "../support/auth.ts";
import { eventually } from "../support/eventually.ts";
import { registerPerson } from "../support/person.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { LINK, queued, RESET } from "./support/mailing.ts";
import { startSmtpServer } from "./support/smtp-server.ts";

const HOSTILE = `<script>alert("hostile")</script>`;

/** Leaves mails in the queue, as another server does that is stopped. */
async function leave(database: TestDatabase, ...mails: readonly object[]): Promise<void> {
  const texts = createSealedTexts(requireSecrets(TEST_SECRET), "texts");
  for (const mail of mails) {
    const sealed = await texts.seal(JSON.stringify({ ...RESET, language: "en", ...mail }));
    await putIntoQueue(database.pool(), "authgraft", { sealed, lifetime: 3_600 });
  }
}

async function openWith(configuration: ConfigurationInput, ...mails: readonly object[]) {
  const database = await createTestDatabase({ sample: "b", grafted: {} });
  await leave(database, ...mails);
  const auth = await openAuth(database, { configuration });
  return { database, auth };
}

const JSON_PLEASE = { headers: { accept: "application/json" } };

async function outboxOf(auth: TestAuth) {
  return (await auth.get("/dev/outbox", JSON_PLEASE)).body.mails;
}

test("in development mails are shown as JSON, and go nowhere", async () => {
  const { auth, database } = await openWith({ development: true }, {}, { to: "grace@example.com" });
  await eventually(async () => (await outboxOf(auth)).length).toBe(2);
  expect(await queued(database)).toBe(0);
  const mails = await outboxOf(auth);
  expect(mails).toContainEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    ...{ kind: "reset-password", language: "en", to: "ada@example.com", link: LINK },
    from: { name: "", address: "no-reply@localhost" },
    subject: "Set a new password for localhost:8080",
    text: expect.stringContaining(LINK),
    html: expect.stringContaining(LINK),
    queued_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  });
});

test("what a person asks for comes to the outbox at once, in the language that their browser asks for", async () => {
  const { auth } = await openWith({ development: true, publicUrl: "https://shop.example.com" });
  await registerPerson(auth, { email: "grace@example.com", display_name: "Grace" });
  const request = { headers: { "accept-language": "de-CH, en;q=0.5", host: "evil.example" } };
  const asked = await auth.post("/v1/auth/forgot-password", { email: "grace@example.com" }, request);
  expect(asked.status).toBe(202);
  const resetOf = async () =>
    (await outboxOf(auth)).find(({ kind }: { kind: string }) => kind === "reset-password");
  await eventually(async () => (await resetOf())?.link).toMatch(
    /^https:\/\/shop\.example\.com\/account\/reset-password#token=ago_/,
  );
  expect(await resetOf()).toMatchObject({ to: "grace@example.com", language: "de" });
  expect(auth.logs.join()).not.toMatch(/grace@|ago_/);
});

test("as a page it shows the mail that is asked for with its link, runs no script and fetches nothing", async () => {
  const templates = () => ({ subject: HOSTILE, text: `${HOSTILE} ${LINK}`, html: `<head></head>${HOSTILE}` });
  const { auth } = await openWith(
    { development: true, mail: { templates } },
    {},
    { to: "grace@example.com" },
  );
  await eventually(async () => (await outboxOf(auth)).length).toBe(2);
  const grace = (await outboxOf(auth)).find(({ to }: { to: string }) => to === "grace@example.com");
  const { headers, text, status } = await auth.get(`/dev/outbox?mail=${grace.id}`);
  expect([status, headers.get("content-type")]).toEqual([200, "text/html; charset=UTF-8"]);
  expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'unsafe-inline'; /);
  expect(headers.get("content-security-policy")).not.toContain("script-src");
  expect(headers.get("cache-control")).toBe("no-store");
  expect(text).toContain("<dt>To</dt><dd>grace@example.com</dd>");
  expect(text).toContain(`<a href="${LINK}" target="_blank" rel="noopener noreferrer">${LINK}</a>`);
  expect(text).not.toMatch(/<script|allow-scripts|allow-same-origin|<link|<img/);
  expect(text.split("<iframe ")).toHaveLength(2);
  expect(text).toMatch(
    /<iframe [^>]*sandbox="allow-popups allow-popups-to-escape-sandbox"[^>]*srcdoc="&lt;head&gt;/,
  );
  expect((await auth.get(`/dev/outbox?mail=${HOSTILE}`)).text).not.toContain("<script");
});

test("a link that is no page is not one to click", async () => {
  const link = "javascript:alert(1)";
  const { auth } = await openWith({ development: true }, { details: { link } });
  await eventually(async () => (await outboxOf(auth)).length).toBe(1);
  const { text } = await auth.get("/dev/outbox");
  expect(text).toContain(`<dt>Link</dt><dd>${link}</dd>`);
  expect(text).not.toContain(`href="javascript`);
});

test("an empty outbox says so, and the page and the JSON are told apart by what is accepted", async () => {
  const { auth } = await openWith({ development: true });
  const page = await auth.get("/dev/outbox", {
    headers: { accept: "text/html,application/xhtml+xml,*/*;q=0.8" },
  });
  expect(page.text).toContain("No mail yet.");
  expect((await auth.get("/dev/outbox")).text).toContain("<!doctype html>");
  expect(await outboxOf(auth)).toEqual([]);
  expect((await auth.post("/dev/outbox", {})).status).toBe(405);
});

test("with a mail server as well, mails are sent and shown", async () => {
  const { url, received } = await startSmtpServer();
  const { auth } = await openWith({ development: true, mail: { url, from: "shop@example.com" } }, {});
  await eventually(() => received.length).toBe(1);
  expect((await outboxOf(auth)).map(({ to }: { to: string }) => to)).toEqual(["ada@example.com"]);
});

test("of a thousand mails the last hundred are kept", async () => {
  const outbox = createOutbox();
  const message = { ...RESET, language: "en", from: { name: "", address: "" }, link: null, queuedAt: 0 };
  const written = { subject: "S", text: "T", html: "H" };
  for (let i = 0; i < 1_000; i++) outbox.add({ ...message, ...written, id: String(i) });
  outbox.add({ ...message, ...written, id: "999" });
  expect(outbox.list().map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, i) => String(999 - i)));
});

test("without development there is no outbox, with a mail server or without", async () => {
  const { url, received } = await startSmtpServer();
  const { auth } = await openWith({ mail: { url, from: "shop@example.com" } }, {});
  await eventually(() => received.length).toBe(1);
  for (const one of [auth, (await openWith({})).auth]) {
    expect(await one.get("/dev/outbox", JSON_PLEASE)).toMatchObject({
      status: 404,
      body: { code: "not_found" },
    });
    expect(one.routes.map(({ path }) => path)).not.toContain("/dev/outbox");
  }
});

test("closing waits for the mail that is being sent, and leaves the application's pool to the application", async () => {
  const database = await createTestDatabase({ sample: "b", grafted: {} });
  await leave(database, {});
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>();
  const onMail = () => {
    isAsked();
    return held;
  };
  const { url, received } = await startSmtpServer({}, { onMail });
  const pool: pg.Pool = database.pool();
  const configuration = { mail: { url, from: "shop@example.com" } };
  const auth = await openAuth(database, { configuration, pool });
  await asked;
  const closed = auth.close();
  release();
  await closed;
  expect(received).toHaveLength(1);
  expect(await queued(database)).toBe(0);
  expect((await pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  expect(await auth.metrics()).toMatch(/^authgraft_mails_sent_total 1$/m);
});
