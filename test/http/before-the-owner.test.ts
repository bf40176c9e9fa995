import { beforeEach, expect, test } from "vitest";
import { openAuth, type TestAuth } from "../support/auth.ts";
import { mailTo, tokenIn } from "../support/mails.ts";
import { registerPerson } from "../support/person.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

// Somebody is there before the owner of an address, or does as if it were theirs.

const FORGOT = "/v1/auth/forgot-password";
const LIMIT = 2;

let database: TestDatabase;
let auth: TestAuth;

beforeEach(async () => {
  database = await createTestDatabase({ sample: "a", grafted: {} });
  const throttling = { mailsPerAccount: { most: LIMIT } };
  auth = await openAuth(database, { configuration: { development: true, throttling } });
});

test("whoever asks to have somebody's address, again and again, does not keep its owner from a new password", async () => {
  const owner = await registerPerson(auth);
  const { token, credentials } = await registerPerson(auth);
  const change = { email: owner.credentials.email, password: credentials.password };
  const statuses = [];
  for (let n = 0; n <= LIMIT; n++)
    statuses.push((await auth.post("/v1/users/me/email", change, { token })).status);
  expect(statuses).toEqual([202, 202, 429]);
  expect((await auth.post(FORGOT, { email: owner.credentials.email })).status).toBe(202);
  await mailTo(auth, owner.credentials.email, "reset-password");
});

test("a look-alike of an address is counted by itself: its requests send nobody a mail", async () => {
  await registerPerson(auth, { email: "kim@example.com" });
  const ask = async (email: string) => (await auth.post(FORGOT, { email })).status;
  for (let n = 0; n < LIMIT; n++) expect(await ask("\u212Aim@example.com")).toBe(202);
  expect(await ask("\u212Aim@example.com")).toBe(429);
  expect(await ask("KIM@example.com")).toBe(202);
  await mailTo(auth, "kim@example.com", "reset-password");
});

test("73. a change that was asked for while nobody had verified the address ends when somebody does", async () => {
  const squatter = await registerPerson(auth);
  const { email, password } = squatter.credentials;
  const wanted = { email: "elsewhere@example.com", password };
  const { body } = await auth.post("/v1/users/me/email", wanted, { token: squatter.token });
  expect(body.awaiting).toEqual(["new"]);
  const link = await mailTo(auth, wanted.email, "change-email-confirm");
  const { link: verification } = await mailTo(auth, email, "verify-email");
  expect((await auth.post("/v1/auth/verify-email", { token: tokenIn(verification) })).status).toBe(200);
  const answer = await auth.post("/v1/auth/confirm-email-change", { token: tokenIn(link.link) });
  expect(answer).toMatchObject({ status: 422, body: { code: "link_invalid" } });
  const { user } = (await auth.get("/v1/users/me", { token: squatter.token })).body;
  expect(user).toMatchObject({ email, email_verified: true });
});

test("whoever tries links from the same address is told to wait, and the links of others there work", async () => {
  const configuration = {
    ...{ development: true, trustedProxies: 1 },
    throttling: { failuresPerAddress: { most: LIMIT } },
  };
  const behind = await openAuth(database, { configuration });
  const headers = { "x-forwarded-for": "203.0.113.9" };
  const { credentials } = await registerPerson(behind, {}, { headers });
  const { link } = await mailTo(behind, credentials.email, "verify-email");
  const come = async (token: string) =>
    (await behind.post("/v1/auth/verify-email", { token }, { headers })).status;
  const wrong = `ago_${"b".repeat(43)}`;
  expect([await come(wrong), await come(wrong), await come(wrong)]).toEqual([422, 422, 429]);
  expect(await come(tokenIn(link))).toBe(200);
});
