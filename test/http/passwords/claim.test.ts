import { beforeEach, describe, expect, test } from "vitest";
import { AT_COMMAND_LINE } from "../../../src/accounts/admin/acting.ts";
import { type ClaimLink, createMakeClaimLinks } from "../../../src/accounts/claim-links.ts";
import { openAuth, type TestAuth } from "../../support/auth.ts";
import { eventually } from "../../support/eventually.ts";
import { graft } from "../../support/graft.ts";
import { mailTo, sentMails } from "../../support/mails.ts";
import {
  claimToken,
  count,
  letLinksExpire,
  linkParts,
  type OldUser,
  oldUser,
  waiting,
} from "../../support/people.ts";
import { registerPerson } from "../../support/person.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";

const CLAIM = "/v1/auth/claim";
const CHECK = "/v1/auth/claim/check";
const PASSWORD = "a tower of violins";
const EMAIL = "ada@elsewhere.example";

let database: TestDatabase;
let auth: TestAuth;
let ada: OldUser;

describe("a user of sample A, who has a username only", () => {
  beforeEach(async () => {
    database = await createTestDatabase({ sample: "a", grafted: {} });
    auth = await openAuth(database, { configuration: { development: true } });
    ada = await oldUser(database);
  });

  const claim = (token: string, others: object = {}) =>
    auth.post(CLAIM, { token, password: PASSWORD, email: EMAIL, ...others });

  test("claims the account by an administrator's link, and is signed in", async () => {
    const token = await claimToken(database, ada.id);
    expect(await auth.post(CHECK, { token })).toMatchObject({
      status: 200,
      body: { username: ada.username, email: null, needs_email: true },
    });
    const { status, body } = await claim(token);
    const user = { id: ada.id, username: ada.username, email: EMAIL, email_verified: false };
    expect({ status, user: body.user }).toMatchObject({ status: 200, user });
    expect((await auth.get("/v1/users/me", { token: body.token })).body.user).toMatchObject(user);
    expect((await auth.post("/v1/auth/refresh", { refresh_token: body.refresh_token })).status).toBe(200);
    for (const name of [{ username: ada.username }, { email: EMAIL }]) {
      expect((await auth.post("/v1/auth/login", { ...name, password: PASSWORD })).body.user.id).toBe(ada.id);
    }
    expect((await mailTo(auth, EMAIL, "verify-email")).link).toContain("#token=ago_");
    const { rows } = await database.query(
      "SELECT event, actor, user_id FROM authgraft.audit_log WHERE user_id = $1 AND event LIKE '%claim%' ORDER BY occurred_at",
      [ada.id],
    );
    expect(rows).toEqual([
      { event: "claim_link_made", actor: "command_line", user_id: ada.id },
      { event: "account_claimed", actor: "user", user_id: ada.id },
    ]);
  });

  test("66. of sixteen who claim with one link at once, one does", async () => {
    const token = await claimToken(database, ada.id);
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, n) =>
        claim(token, { password: `${PASSWORD} ${n}`, email: `ada${n}@example.com` }),
      ),
    );
    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    expect(new Set(answers.map(({ status, body }) => (status === 200 ? "won" : body.code)))).toEqual(
      new Set(["won", "link_invalid"]),
    );
    const { rows } = await database.query("SELECT email FROM users WHERE id = $1", [ada.id]);
    expect(rows).toEqual([{ email: won[0]?.body.user.email }]);
    expect(await count(database, "authgraft.sessions")).toBe(1);
  });

  test("67. a link that is too old does nothing", async () => {
    const token = await claimToken(database, ada.id);
    await letLinksExpire(database);
    expect((await claim(token)).body.code).toBe("link_invalid");
    expect((await auth.post(CHECK, { token })).body.code).toBe("link_invalid");
    expect(await count(database, "users WHERE password_hash IS NOT NULL")).toBe(0);
  });

  test("a newer link replaces the one before it", async () => {
    const [first, second] = [await claimToken(database, ada.id), await claimToken(database, ada.id)];
    expect((await claim(first)).body.code).toBe("link_invalid");
    expect((await claim(second)).status).toBe(200);
  });

  test("needs an email where there is none, and one that nobody has; the link works still", async () => {
    const token = await claimToken(database, ada.id);
    const { credentials } = await registerPerson(auth);
    expect(await claim(token, { email: undefined })).toMatchObject({
      status: 422,
      body: { code: "field_required", errors: [{ field: "email" }] },
    });
    expect(await claim(token, { email: "ada at example.com" })).toMatchObject({
      status: 422,
      body: { code: "field_invalid", errors: [{ field: "email" }] },
    });
    expect(await claim(token, { email: credentials.email.toUpperCase() })).toMatchObject({
      status: 409,
      body: { code: "email_taken", errors: [{ field: "email" }] },
    });
    expect((await claim(token)).status).toBe(200);
  });

  test("7, 8, 9. is held to the policy, with the email that is given among the words; the link works still", async () => {
    const token = await claimToken(database, ada.id);
    for (const [password, code] of [
      ["short", "password_too_short"],
      ["x".repeat(73), "password_too_long"],
      ["password1", "password_common"],
      ["ada@elsewhere.example1", "password_guessable"],
    ] as const) {
      expect(await claim(token, { password })).toMatchObject({ status: 422, body: { code } });
    }
    expect((await claim(token)).status).toBe(200);
  });

  test("33. can set nothing else by it", async () => {
    const token = await claimToken(database, ada.id);
    for (const field of ["is_admin", "id", "username", "auth_provider"]) {
      expect(await claim(token, { [field]: "true" })).toMatchObject({
        status: 422,
        body: { code: "field_unknown", errors: [{ field }] },
      });
    }
    for (const body of [
      { token: [token], password: PASSWORD },
      { token: { $ne: "" }, password: PASSWORD },
      { token },
    ]) {
      expect((await auth.post(CLAIM, body)).status).toBe(422);
    }
    expect((await claim("ago_short")).body.code).toBe("link_invalid");
    expect((await claim(`${token}x`)).body.code).toBe("link_invalid");
    expect((await auth.post(CHECK, {})).body.code).toBe("field_required");
    expect((await auth.post(CHECK, { token: 1 })).body.code).toBe("field_invalid");
    expect((await auth.post(CHECK, { token, email: EMAIL })).body.code).toBe("field_unknown");
  });

  test("who got a password in another way has nothing to claim", async () => {
    const token = await claimToken(database, ada.id);
    await database.query("UPDATE users SET password_hash = 'the old application was quicker' WHERE id = $1", [
      ada.id,
    ]);
    expect(await claim(token)).toMatchObject({ status: 409, body: { code: "already_claimed" } });
    expect(await auth.post(CHECK, { token })).toMatchObject({
      status: 409,
      body: { code: "already_claimed" },
    });
    await expect(claimToken(database, ada.id)).rejects.toMatchObject({ code: "not_claimable" });
  });

  test("there is a link for nobody who is not there, or is disabled", async () => {
    await expect(claimToken(database, "2000000000")).rejects.toMatchObject({ code: "user_unknown" });
    await expect(claimToken(database, "ada")).rejects.toMatchObject({ code: "user_unknown" });
    const token = await claimToken(database, ada.id);
    await database.query("INSERT INTO authgraft.accounts (user_id, disabled_at) VALUES ($1, now())", [
      ada.id,
    ]);
    await expect(claimToken(database, ada.id)).rejects.toMatchObject({ code: "not_claimable" });
    expect((await claim(token)).body.code).toBe("link_invalid");
  });

  test("is gone with the user, when the old application deletes the row", async () => {
    const token = await claimToken(database, ada.id);
    await deleteUser(database, ada.id);
    expect((await claim(token)).body.code).toBe("link_invalid");
  });

  test("links for everybody: each user without a password has one, and it works", async () => {
    const { id } = await registerPerson(auth);
    await database.query("INSERT INTO authgraft.accounts (user_id, disabled_at) VALUES ($1, now())", [
      ada.id,
    ]);
    const busy = await database.client();
    await busy.query("BEGIN; SELECT FROM users ORDER BY id LIMIT 1 FOR UPDATE");
    const make = createMakeClaimLinks({ pool: database.pool(), ...(await linkParts(database)) });
    const links: ClaimLink[] = [];
    const making = (async () => {
      for await (const batch of make(AT_COMMAND_LINE)) links.push(...batch);
    })();
    // Whoever is waited for holds nobody else up: the rest of the batch is there.
    await eventually(() => waiting(database)).toBe(1);
    expect(links.length).toBeGreaterThan(40);
    await busy.query("COMMIT");
    await making;
    const users = await database.query<{ id: string }>(
      "SELECT id::text AS id FROM users WHERE password_hash IS NULL",
    );
    const claimable = users.rows.map((user) => user.id).filter((user) => user !== ada.id);
    expect(links.map((link) => link.user_id).toSorted()).toEqual(claimable.toSorted());
    expect(new Set(links.map(({ link }) => link)).size).toBe(claimable.length);
    expect(links.map((link) => link.user_id)).not.toContain(id);
    expect(await count(database, "authgraft.one_time_tokens WHERE purpose = 'claim'")).toBe(claimable.length);
    const last = links.at(-1);
    expect(last).toMatchObject({ expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) });
    const [, token = ""] = (last?.link ?? "").split("#token=");
    expect((await claim(token)).body.user.username).toBe(last?.username);
  });
});

/** As the old application deletes one: what hangs on the row first. */
async function deleteUser(on: TestDatabase, id: string): Promise<void> {
  await on.query(`DELETE FROM comments WHERE author_id = ${id} OR project_id IN (SELECT id FROM projects WHERE owner_id = ${id});
    DELETE FROM projects WHERE owner_id = ${id}; DELETE FROM users WHERE id = ${id}`);
}

describe("a user of sample B, who has an email and a provider", () => {
  beforeEach(async () => {
    database = await createTestDatabase({ sample: "b", grafted: {} });
    auth = await openAuth(database, { configuration: { development: true } });
    ada = await oldUser(database);
  });

  test("claims with the email there is; the provider stays, and the address is told", async () => {
    const token = await claimToken(database, ada.id);
    const checked = (await auth.post(CHECK, { token })).body;
    expect(checked).toEqual({ username: ada.username, email: ada.email, needs_email: false });
    const row = "SELECT to_jsonb(u) - 'password_hash' AS row FROM users u WHERE id = $1";
    const before = (await database.query(row, [ada.id])).rows;
    const { status, body } = await auth.post(CLAIM, { token, password: PASSWORD });
    expect({ status, email: body.user.email }).toEqual({ status: 200, email: ada.email });
    expect((await database.query(row, [ada.id])).rows).toEqual(before);
    await mailTo(auth, ada.email ?? "", "account-claimed");
    await mailTo(auth, ada.email ?? "", "verify-email");
  });

  test("may give another email: it is asked for proof, and the one before is told", async () => {
    const token = await claimToken(database, ada.id);
    const { body } = await auth.post(CLAIM, { token, password: PASSWORD, email: EMAIL });
    expect(body.user).toMatchObject({ email: EMAIL, email_verified: false });
    await mailTo(auth, ada.email ?? "", "account-claimed");
    await mailTo(auth, EMAIL, "verify-email");
    expect(await sentMails(auth)).toHaveLength(2);
  });
});

test.each(["bigint", "varchar(26)"] as const)("claims on a table whose key is %s", async (key) => {
  const id = key === "bigint" ? "9007199254740993" : "01ARZ3NDEKTSV4RRFFQ69G5FAV";
  database = await createTestDatabase();
  await database.query(`CREATE TABLE users (id ${key} PRIMARY KEY, username varchar(50) UNIQUE NOT NULL);
    INSERT INTO users VALUES ('${id}', 'ada')`);
  await graft(database, { registration: "off" });
  auth = await openAuth(database, { configuration: { registration: "off" } });
  const token = await claimToken(database, id);
  const { body } = await auth.post(CLAIM, { token, password: PASSWORD, email: EMAIL });
  expect(body.user).toMatchObject({ id, username: "ada", email: EMAIL });
  expect((await auth.get("/v1/users/me", { token: body.token })).status).toBe(200);
});
