import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openAuth, type TestAuth } from "../support/auth.ts";
import { eventsOf } from "../support/events.ts";
import { mailsTo, mailTo, tokenOf, untilSent } from "../support/mails.ts";
import { type Person, registerPerson } from "../support/person.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

const configuration = { development: true, throttling: "off" } as const;

let database: TestDatabase;
let auth: TestAuth;

beforeAll(async () => {
  database = await createTestDatabase({ sample: "a", grafted: {} });
  auth = await openAuth(database, { configuration });
});
afterAll(() => auth.close());

const somebody = () => registerPerson(auth);
const verify = (token: string) => auth.post("/v1/auth/verify-email", { token });
const resend = ({ token }: Person, body?: object) =>
  auth.post("/v1/users/me/email/verification", body, { token });
const isVerified = async ({ token }: Person) =>
  (await auth.get("/v1/users/me", { token })).body.user.email_verified;

describe("verifying an email", () => {
  test("registering sends the link, and using it verifies the address, once", async () => {
    const person = await somebody();
    const { email } = person.credentials;
    const token = tokenOf(await mailTo(auth, email, "verify-email"));
    expect(await isVerified(person)).toBe(false);
    expect(await verify(token)).toMatchObject({ status: 200, body: { email, status: "verified" } });
    expect(await isVerified(person)).toBe(true);
    expect(await verify(token)).toMatchObject({ status: 422, body: { code: "link_invalid" } });
    const events = await eventsOf(database, "email_verified");
    expect(events.at(-1)).toMatchObject({ user_id: person.id, actor: "user" });
  });

  test("of sixteen who use one link at once, one does", async () => {
    const person = await somebody();
    const token = tokenOf(await mailTo(auth, person.credentials.email, "verify-email"));
    const answers = await Promise.all(Array.from({ length: 16 }, () => verify(token)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(15).fill(422)]);
  });

  test("a link that is sent once more takes the place of the one before it", async () => {
    const person = await somebody();
    const { email } = person.credentials;
    const first = tokenOf(await mailTo(auth, email, "verify-email"));
    expect(await resend(person)).toMatchObject({ status: 202, body: { status: "accepted" } });
    const second = tokenOf(await mailTo(auth, email, "verify-email", 2));
    expect((await verify(first)).status).toBe(422);
    expect((await verify(second)).status).toBe(200);
  });

  test("nothing is sent about an address that is verified already", async () => {
    const person = await somebody();
    const { email } = person.credentials;
    await verify(tokenOf(await mailTo(auth, email, "verify-email")));
    expect((await resend(person)).status).toBe(202);
    await untilSent(database);
    expect(await mailsTo(auth, email)).toHaveLength(1);
  });

  test("the link does not count when the old application has changed the address meanwhile", async () => {
    const person = await somebody();
    const token = tokenOf(await mailTo(auth, person.credentials.email, "verify-email"));
    await database.query("UPDATE users SET email = 'elsewhere@example.com' WHERE id = $1", [person.id]);
    expect((await verify(token)).status).toBe(422);
    expect(await isVerified(person)).toBe(false);
  });

  test("and counts when it has changed nothing but its case", async () => {
    const person = await somebody();
    const token = tokenOf(await mailTo(auth, person.credentials.email, "verify-email"));
    const email = person.credentials.email.toUpperCase();
    await database.query("UPDATE users SET email = $2 WHERE id = $1", [person.id, email]);
    expect(await verify(token)).toMatchObject({ status: 200, body: { email } });
    expect(await isVerified(person)).toBe(true);
  });

  test("what was verified is verified no more when the old application writes another address", async () => {
    const person = await somebody();
    await verify(tokenOf(await mailTo(auth, person.credentials.email, "verify-email")));
    await database.query("UPDATE users SET email = 'written@example.com' WHERE id = $1", [person.id]);
    expect(await isVerified(person)).toBe(false);
  });

  test("67. a link that is too old verifies nothing", async () => {
    const person = await somebody();
    const { email } = person.credentials;
    const token = tokenOf(await mailTo(auth, email, "verify-email"));
    await database.query("UPDATE authgraft.one_time_tokens SET expires_at = now() WHERE email = $1", [email]);
    expect((await verify(token)).status).toBe(422);
  });

  test("68. the link is made of the configuration, whatever the request says its host is", async () => {
    const person = await somebody();
    const headers = { host: "evil.example", "x-forwarded-host": "evil.example" };
    await auth.post("/v1/users/me/email/verification", {}, { token: person.token, headers });
    const mail = await mailTo(auth, person.credentials.email, "verify-email", 2);
    expect(mail.link).toMatch(/^http:\/\/localhost:8080\/account\/verify-email#token=ago_/);
    expect(mail.text).not.toContain("evil");
  });

  test("the mail speaks the language that the request prefers", async () => {
    const person = await somebody();
    const headers = { "accept-language": "de-CH, en;q=0.5" };
    await auth.post("/v1/users/me/email/verification", {}, { token: person.token, headers });
    expect((await mailTo(auth, person.credentials.email, "verify-email", 2)).language).toBe("de");
  });

  test("a user without an address is told so; nobody without a token; no other field", async () => {
    const person = await somebody();
    expect(await resend(person, { email: "x@example.com" })).toMatchObject({
      status: 422,
      body: { errors: [{ field: "email", code: "field_unknown" }] },
    });
    await database.query("UPDATE users SET email = NULL WHERE id = $1", [person.id]);
    expect(await resend(person)).toMatchObject({
      status: 422,
      body: { errors: [{ field: "email", code: "field_required" }] },
    });
    expect((await auth.post("/v1/users/me/email/verification")).status).toBe(401);
  });

  test.each([
    ["no token", {}, 422],
    ["a list", { token: ["ago_x"] }, 422],
    ["nothing that could be one", { token: "ago_x" }, 422],
    ["one that nobody has made", { token: `ago_${"A".repeat(43)}` }, 422],
    ["a NUL", { token: "\0" }, 422],
  ])("%s is refused", async (_, body, status) => {
    expect((await auth.post("/v1/auth/verify-email", body)).status).toBe(status);
  });

  test("the application's hook is told in the transaction, and may say no", async () => {
    const person = await somebody();
    const token = tokenOf(await mailTo(auth, person.credentials.email, "verify-email"));
    let isReady = false;
    const hooked = await openAuth(database, {
      configuration: {
        ...configuration,
        hooks: {
          onEmailVerified({ user }) {
            expect(user).toMatchObject({ id: person.id, email: person.credentials.email });
            if (!isReady) throw new Error("not just now");
          },
        },
      },
    });
    expect((await hooked.post("/v1/auth/verify-email", { token })).status).toBe(503);
    expect(await isVerified(person)).toBe(false);
    isReady = true;
    expect((await hooked.post("/v1/auth/verify-email", { token })).status).toBe(200);
  });
});
