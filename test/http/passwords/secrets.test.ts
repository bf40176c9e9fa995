import { beforeEach, expect, test } from "vitest";
import { openAuth, type TestAuth } from "../../support/auth.ts";
import { askForReset } from "../../support/mails.ts";
import { claimToken, oldUser } from "../../support/people.ts";
import { registerPerson } from "../../support/person.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";

const CANARY = "canary-Violins-5d1f";

let database: TestDatabase;
let auth: TestAuth;

beforeEach(async () => {
  database = await createTestDatabase({ sample: "a", grafted: {} });
  auth = await openAuth(database, {
    configuration: { development: true, bridge: (request) => request.headers.get("x-old-user") },
  });
});

test("38. no token of a link, no password and no hash is in a log, in the audit log or stored as it is", async () => {
  const links: string[] = [];
  const ada = await registerPerson(auth, { password: `${CANARY}-0` });
  const old = await oldUser(database);
  const claim = await claimToken(database, old.id);
  const reset = await askForReset(auth, ada.credentials.email);
  links.push(claim, reset);
  for (const password of ["short", `${CANARY}-1`, `${CANARY}-2`]) {
    await auth.post("/v1/auth/reset-password", { token: reset, password });
    await auth.post("/v1/auth/claim", { token: claim, password, email: "ada@elsewhere.example" });
    await auth.post("/v1/auth/claim/check", { token: claim });
    await auth.post("/v1/auth/claim", { token: claim, password, email: ada.credentials.email });
  }
  const { body } = await auth.post("/v1/auth/login", {
    email: ada.credentials.email,
    password: `${CANARY}-1`,
  });
  const change = { current_password: `${CANARY}-1`, password: `${CANARY}-3` };
  await auth.post("/v1/users/me/password", { ...change, current_password: `${CANARY}-wrong` }, body);
  await auth.post("/v1/users/me/password", change, body);
  await auth.post(`/v1/auth/claim?token=${claim}`, { token: claim });
  // The application's own rules object, with the whole row in their mouth.
  await database.query(`CREATE FUNCTION object() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION '%', NEW USING DETAIL = NEW::text, HINT = NEW::text; END $$;
    CREATE TRIGGER object BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION object()`);
  const last = await askForReset(auth, ada.credentials.email, 2);
  links.push(last);
  const refused = await auth.post("/v1/auth/reset-password", { token: last, password: `${CANARY}-4` });
  expect(refused).toMatchObject({ status: 422, body: { code: "field_invalid" } });
  const audited = await database.query("SELECT a::text AS text FROM authgraft.audit_log a");
  const kept = await database.query(
    "SELECT t::text AS text FROM authgraft.one_time_tokens t UNION ALL SELECT m::text FROM authgraft.mail_queue m",
  );
  const hashes = await database.query<{ hash: string }>(
    "SELECT password_hash AS hash FROM users WHERE password_hash IS NOT NULL",
  );
  const everything = JSON.stringify([auth.logs, audited.rows, kept.rows, refused]);
  expect(audited.rows.length).toBeGreaterThan(5);
  expect(hashes.rows).toHaveLength(2);
  for (const secret of [CANARY, ...links, ...hashes.rows.map(({ hash }) => hash)]) {
    expect(everything).not.toContain(secret);
  }
  expect(everything).not.toMatch(/ago_|argon2/);
});
