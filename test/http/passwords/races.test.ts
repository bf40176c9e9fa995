import { hashSync } from "@node-rs/bcrypt";
import type pg from "pg";
import { beforeEach, expect, test } from "vitest";
import { openAuth, type TestAuth } from "../../support/auth.ts";
import { eventually } from "../../support/eventually.ts";
import { askForReset, mailTo } from "../../support/mails.ts";
import { claimToken, count, type OldUser, oldUser, waiting } from "../../support/people.ts";
import { registerPerson } from "../../support/person.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";

const PASSWORD = "a tower of violins";

let database: TestDatabase;
let auth: TestAuth;
let old: OldUser;

beforeEach(async () => {
  database = await createTestDatabase({ sample: "a", grafted: {} });
  auth = await openAuth(database, { configuration: { development: true } });
  old = await oldUser(database);
});

const login = async (credentials: object) => (await auth.post("/v1/auth/login", credentials)).status;

/** The old application, in a transaction that is not committed yet. */
async function inTransaction(...statements: readonly string[]): Promise<pg.Client> {
  const client = await database.client();
  for (const statement of ["BEGIN", ...statements]) await client.query(statement);
  return client;
}

test("of eight changes at once by the same current password, one is made", async () => {
  const ada = await registerPerson(auth);
  const current_password = ada.credentials.password;
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, n) =>
      auth.post("/v1/users/me/password", { current_password, password: `${PASSWORD} ${n}` }, ada),
    ),
  );
  const won = answers.flatMap(({ status }, n) => (status === 200 ? [n] : []));
  expect(won).toHaveLength(1);
  // 503: so many are being looked at that the limit of guesses might be reached.
  expect(new Set([200, 401, 422, 503, ...answers.map(({ status }) => status)]).size).toBe(4);
  const { email } = ada.credentials;
  expect(await login({ email, password: `${PASSWORD} ${won[0]}` })).toBe(200);
  expect(await login(ada.credentials)).toBe(401);
  expect(await count(database, "authgraft.audit_log WHERE event = 'password_changed'")).toBe(1);
});

test("a change goes on where a login renews the hash meanwhile: it is the same password", async () => {
  const ada = await registerPerson(auth);
  const renewal = await inTransaction(
    `UPDATE users SET password_hash = '${hashSync(ada.credentials.password, { cost: 10 })}' WHERE id = ${ada.id}`,
  );
  const { password: current_password, email } = ada.credentials;
  const changing = auth.post("/v1/users/me/password", { current_password, password: PASSWORD }, ada);
  await eventually(() => waiting(database)).toBe(1);
  await renewal.query("COMMIT");
  expect((await changing).status).toBe(200);
  expect(await login({ email, password: PASSWORD })).toBe(200);
});

test("a change is refused where the old application writes another password meanwhile", async () => {
  const ada = await registerPerson(auth);
  const writing = await inTransaction(
    `UPDATE users SET password_hash = '${hashSync("written elsewhere", { cost: 10 })}' WHERE id = ${ada.id}`,
  );
  const { password: current_password, email } = ada.credentials;
  const changing = auth.post("/v1/users/me/password", { current_password, password: PASSWORD }, ada);
  await eventually(() => waiting(database)).toBe(1);
  await writing.query("COMMIT");
  expect(await changing).toMatchObject({ status: 422, body: { errors: [{ field: "current_password" }] } });
  expect(await login({ email, password: "written elsewhere" })).toBe(200);
});

test("16. a renewal by logins never brings back the password from before a reset", async () => {
  const renewing = await openAuth(database, {
    configuration: { development: true, passwords: { rehash: "on-login" } },
  });
  const ada = await registerPerson(renewing);
  await database.query("UPDATE users SET password_hash = $2 WHERE id = $1", [
    ada.id,
    hashSync(ada.credentials.password, { cost: 10 }),
  ]);
  const token = await askForReset(renewing, ada.credentials.email);
  const [reset] = await Promise.all([
    renewing.post("/v1/auth/reset-password", { token, password: PASSWORD }),
    ...Array.from({ length: 4 }, () => renewing.post("/v1/auth/login", ada.credentials)),
  ]);
  expect(reset.status).toBe(204);
  await renewing.close();
  const { email } = ada.credentials;
  expect(await login({ email, password: PASSWORD })).toBe(200);
  expect(await login(ada.credentials)).toBe(401);
});

test("a session that a login with the old password starts during a reset does not outlive it", async () => {
  const ada = await registerPerson(auth);
  const token = await askForReset(auth, ada.credentials.email);
  const [reset, ...logins] = await Promise.all([
    auth.post("/v1/auth/reset-password", { token, password: PASSWORD }),
    ...Array.from({ length: 6 }, () => auth.post("/v1/auth/login", ada.credentials)),
  ]);
  expect(reset.status).toBe(204);
  for (const { status, body } of logins) {
    // 503: of one account and address no more than four wait for being looked at.
    expect([200, 401, 503]).toContain(status);
    if (status === 200) expect((await auth.get("/v1/users/me", { token: body.token })).status).toBe(401);
  }
});

test("a claim waits for the old application's DELETE of the user, and finds nobody then", async () => {
  await database.query("DELETE FROM comments; DELETE FROM projects");
  const token = await claimToken(database, old.id);
  const deletion = await inTransaction(`DELETE FROM users WHERE id = ${old.id}`);
  const claiming = auth.post("/v1/auth/claim", { token, password: PASSWORD, email: "ada@elsewhere.example" });
  await eventually(() => waiting(database)).toBe(1);
  await deletion.query("COMMIT");
  expect(await claiming).toMatchObject({ status: 422, body: { code: "link_invalid" } });
  expect(await count(database, `users WHERE id = ${old.id}`)).toBe(0);
});

test("claims, resets and the old application's DELETEs of the same users end without a deadlock", async () => {
  await database.query("DELETE FROM comments; DELETE FROM projects");
  const users = await database.query<{ id: string }>("SELECT id::text AS id FROM users ORDER BY id LIMIT 12");
  const claims = [];
  for (const { id } of users.rows) claims.push({ id, token: await claimToken(database, id) });
  const deletions = database.pool({ max: 6 });
  const outcomes = await Promise.all([
    ...claims.map(async ({ id, token }) => {
      const email = `claimed-${id}@elsewhere.example`;
      return (await auth.post("/v1/auth/claim", { token, password: PASSWORD, email })).status;
    }),
    ...claims.map(async ({ id }) => {
      await eventually(() => count(database, "users WHERE password_hash IS NOT NULL")).toBeGreaterThan(0);
      return (await deletions.query("DELETE FROM users WHERE id = $1", [id])).rowCount;
    }),
  ]);
  expect(outcomes.slice(0, 12).every((status) => status === 200 || status === 422)).toBe(true);
  expect(outcomes.slice(12)).toEqual(claims.map(() => 1));
  expect(await count(database, "authgraft.one_time_tokens")).toBe(0);
});

test("of a claim and a registration that want one email at once, one has it, and the link works still", async () => {
  const email = "ada@elsewhere.example";
  const token = await claimToken(database, old.id);
  const claim = (address: string) =>
    auth.post("/v1/auth/claim", { token, password: PASSWORD, email: address });
  const taking = await inTransaction(
    `INSERT INTO users (username, email, created_at) VALUES ('quicker', '${email}', now())`,
  );
  const claiming = claim(email.toUpperCase());
  await eventually(() => waiting(database)).toBe(1);
  await taking.query("COMMIT");
  expect(await claiming).toMatchObject({ status: 409, body: { code: "email_taken" } });
  expect(
    await count(database, `users WHERE id = ${old.id} AND password_hash IS NULL AND email IS NULL`),
  ).toBe(1);
  expect(await count(database, "authgraft.sessions")).toBe(0);
  expect((await claim("other@elsewhere.example")).status).toBe(200);
});

test("the old application writes the user's row all the while, and loses nothing", async () => {
  await database.query("CREATE TABLE visits (user_id integer REFERENCES users, n integer)");
  const token = await claimToken(database, old.id);
  const client = await database.client();
  let isOver = false;
  let writes = 0;
  const writing = (async () => {
    for (; !isOver; writes += 1) {
      await client.query("BEGIN");
      await client.query("INSERT INTO visits VALUES ($1, $2)", [old.id, writes]);
      await client.query("UPDATE users SET created_at = created_at + interval '1 second' WHERE id = $1", [
        old.id,
      ]);
      await client.query("COMMIT");
    }
  })();
  const before = await database.query("SELECT created_at FROM users WHERE id = $1", [old.id]);
  expect(before.rows).toHaveLength(1);
  const email = "ada@elsewhere.example";
  const claimed = await auth.post("/v1/auth/claim", { token, password: PASSWORD, email });
  const change = { current_password: PASSWORD, password: `${PASSWORD} and cellos` };
  const changed = await auth.post("/v1/users/me/password", change, { token: claimed.body.token });
  const reset = { token: await askForReset(auth, email), password: `${PASSWORD} and flutes` };
  expect((await auth.post("/v1/auth/reset-password", reset)).status).toBe(204);
  isOver = true;
  await writing;
  expect([claimed.status, changed.status]).toEqual([200, 200]);
  expect(await count(database, "visits")).toBe(writes);
  expect(await login({ email, password: reset.password })).toBe(200);
  await mailTo(auth, email, "password-changed", 2);
});
