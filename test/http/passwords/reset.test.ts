import { beforeEach, describe, expect, test } from "vitest";
import { makeLink } from "../../../src/accounts/one-time-tokens.ts";
import { openAuth, type TestAuth } from "../../support/auth.ts";
import { askForReset, mailTo, tokenIn } from "../../support/mails.ts";
import { count, letLinksExpire, linkParts } from "../../support/people.ts";
import { loginAgain, type Person, registerPerson } from "../../support/person.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";

const NEW_PASSWORD = "a tower of violins";
const RESET = "/v1/auth/reset-password";

describe.each(["a", "b"] as const)("a forgotten password on sample %s", (sample) => {
  let database: TestDatabase;
  let auth: TestAuth;
  let ada: Person;

  beforeEach(async () => {
    database = await createTestDatabase({ sample, grafted: {} });
    auth = await openAuth(database, { configuration: { development: true } });
    ada = await registerPerson(auth, sample === "b" ? { display_name: "Ada" } : {});
  });

  const reset = (token: string, password = NEW_PASSWORD) => auth.post(RESET, { token, password });
  const login = (password: string) => auth.post("/v1/auth/login", { email: ada.credentials.email, password });

  test("is replaced by the link of a mail, which proves the address", async () => {
    const token = await askForReset(auth, ada.credentials.email);
    expect(await reset(token)).toMatchObject({ status: 204, text: "" });
    expect(await login(ada.credentials.password)).toMatchObject({ status: 401 });
    const { status, body } = await login(NEW_PASSWORD);
    expect({ status, verified: body.user.email_verified }).toEqual({ status: 200, verified: true });
    await mailTo(auth, ada.credentials.email, "password-changed");
    const { rows } = await database.query(
      "SELECT event, result, user_id FROM authgraft.audit_log WHERE event LIKE 'password%' ORDER BY occurred_at",
    );
    expect(rows).toEqual([
      { event: "password_reset_requested", result: "success", user_id: ada.id },
      { event: "password_reset", result: "success", user_id: ada.id },
    ]);
    expect(
      await count(database, "authgraft.accounts WHERE password_changed_at > now() - interval '1 hour'"),
    ).toBe(1);
  });

  test("70. every session ends, and every access token", async () => {
    const phone = await loginAgain(auth, ada);
    expect((await reset(await askForReset(auth, ada.credentials.email))).status).toBe(204);
    for (const { token, refreshToken } of [ada, phone]) {
      expect((await auth.get("/v1/users/me", { token })).status).toBe(401);
      await expect(auth.verify(token)).rejects.toMatchObject({ code: "invalid_token" });
      expect((await auth.post("/v1/auth/refresh", { refresh_token: refreshToken })).status).toBe(401);
    }
  });

  test("66. of sixteen who reset with one token at once, one does", async () => {
    const token = await askForReset(auth, ada.credentials.email);
    const passwords = Array.from({ length: 16 }, (_, place) => `a tower of violins ${place}`);
    const answers = await Promise.all(passwords.map((password) => reset(token, password)));
    const won = passwords.filter((_, place) => answers[place]?.status === 204);
    expect(won).toHaveLength(1);
    expect(new Set(answers.map(({ status, body }) => body?.code ?? status))).toEqual(
      new Set([204, "link_invalid"]),
    );
    for (const password of passwords.slice(0, 3)) {
      expect((await login(password)).status).toBe(password === won[0] ? 200 : 401);
    }
    expect((await login(won[0] ?? "")).status).toBe(200);
    expect(await count(database, "authgraft.audit_log WHERE event = 'password_reset'")).toBe(1);
  });

  test("67. a link that is too old does nothing, and is answered like one that never was", async () => {
    const token = await askForReset(auth, ada.credentials.email);
    await letLinksExpire(database);
    const never = await reset(`ago_${"x".repeat(43)}`);
    expect(never).toMatchObject({ status: 422, body: { code: "link_invalid" } });
    expect((await reset(token)).body).toEqual(never.body);
    expect((await login(ada.credentials.password)).status).toBe(200);
  });

  test("4 to 8. a refused password leaves the link as it was", async () => {
    const token = await askForReset(auth, ada.credentials.email);
    const refusals = [
      ["short", "password_too_short"],
      ["x".repeat(73), "password_too_long"],
      ["password1", "password_common"],
      [ada.credentials.email, "password_guessable"],
    ] as const;
    for (const [password, code] of refusals) {
      expect(await reset(token, password)).toMatchObject({
        status: 422,
        body: { code, errors: [{ field: "password", code }] },
      });
    }
    const exact = "  Ünïcode  only, no digits  ";
    expect((await reset(token, exact)).status).toBe(204);
    expect((await login(exact.trim())).status).toBe(401);
    expect((await login(exact)).status).toBe(200);
  });

  test("3. sixty-four characters are accepted", async () => {
    const long = `${"vq".repeat(10)}${"-long-".repeat(7)}zz`;
    expect(long).toHaveLength(64);
    expect((await reset(await askForReset(auth, ada.credentials.email), long)).status).toBe(204);
    expect((await login(long)).status).toBe(200);
  });

  test("73. a change of the email that waits is cancelled, and so is every other link", async () => {
    const parts = await linkParts(database);
    const change = { userId: ada.id, changeId: crypto.randomUUID(), lifetime: 3_600 };
    for (const purpose of ["change_email_confirm", "change_email_approve", "verify_email"] as const) {
      await makeLink(database.pool(), parts, { ...change, purpose, email: "eve@example.com" });
    }
    expect((await reset(await askForReset(auth, ada.credentials.email))).status).toBe(204);
    expect(await count(database, "authgraft.one_time_tokens")).toBe(0);
  });

  test("a new link replaces the one before it", async () => {
    const first = await askForReset(auth, ada.credentials.email);
    const second = await askForReset(auth, ada.credentials.email, 2);
    expect((await reset(first)).body.code).toBe("link_invalid");
    expect((await reset(second)).status).toBe(204);
  });

  test("a link is void once the address is another", async () => {
    const token = await askForReset(auth, ada.credentials.email);
    await database.query("UPDATE users SET email = 'elsewhere@example.com' WHERE id = $1", [ada.id]);
    expect((await reset(token)).body.code).toBe("link_invalid");
    expect(await count(database, "authgraft.accounts WHERE verified_email IS NOT NULL")).toBe(0);
  });

  test("a link is void once the account is disabled, and there is no mail for who is", async () => {
    const token = await askForReset(auth, ada.credentials.email);
    await database.query(
      "INSERT INTO authgraft.accounts (user_id, disabled_at) VALUES ($1, now()) ON CONFLICT (user_id) DO UPDATE SET disabled_at = now()",
      [ada.id],
    );
    expect((await reset(token)).body.code).toBe("link_invalid");
    await auth.post("/v1/auth/forgot-password", { email: ada.credentials.email });
    await auth.close();
    expect(await count(database, "authgraft.audit_log WHERE event = 'password_reset_requested'")).toBe(1);
  });

  test("a link for one thing is good for nothing else", async () => {
    const token = await askForReset(auth, ada.credentials.email);
    const claim = { token, password: NEW_PASSWORD, email: "ada.l@example.com" };
    expect((await auth.post("/v1/auth/claim", claim)).body.code).toBe("link_invalid");
    expect((await auth.post("/v1/auth/claim/check", { token })).body.code).toBe("link_invalid");
    const verify = (await mailTo(auth, ada.credentials.email, "verify-email")).link;
    expect((await reset(tokenIn(verify))).body.code).toBe("link_invalid");
  });
});
