import { expect, test } from "vitest";
import { down } from "../../src/migration/down.ts";
import { up } from "../../src/migration/up.ts";
import { verify } from "../../src/migration/verify.ts";
import { openAuth } from "../support/auth.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

const ADA = { email: "ada@example.com", username: "ada-1815", password: "correct horse" };

/** The graft as the first version made it: before sessions could be refreshed and servers followed what ends. */
const FIRST_VERSION = `
  DROP TRIGGER authgraft_feed_insert ON revoked_tokens;
  DROP TRIGGER authgraft_feed_update ON revoked_tokens;
  DROP TRIGGER authgraft_feed_update ON authgraft.sessions;
  DROP TRIGGER authgraft_feed_delete ON authgraft.sessions;
  DROP TRIGGER authgraft_feed_truncate ON authgraft.sessions;
  DROP TRIGGER authgraft_feed_insert ON authgraft.accounts;
  DROP TRIGGER authgraft_feed_update ON authgraft.accounts;
  DROP TRIGGER authgraft_feed_delete ON authgraft.accounts;
  DROP FUNCTION authgraft.revoke_token(), authgraft.end_session(), authgraft.end_tokens(), authgraft.end_everything();
  DROP TABLE authgraft.revocations, authgraft.audit_log;
  ALTER TABLE authgraft.sessions DROP COLUMN generation, DROP COLUMN token_expires_at, DROP COLUMN last_used_at,
    DROP COLUMN refresh_hash, DROP COLUMN used_refresh_hashes, DROP COLUMN user_agent, DROP COLUMN address;
  DROP INDEX authgraft.sessions_expires_at_idx, authgraft.sessions_ended_at_idx;
  ALTER TABLE authgraft.signing_keys DROP COLUMN active_at, DROP COLUMN expires_at;
  DELETE FROM authgraft.provenance WHERE kind = 'trigger' OR name IN ('revocations', 'audit_log');
  UPDATE authgraft.provenance SET made = NULL WHERE kind = 'table'`;

async function firstVersion(): Promise<TestDatabase> {
  const database = await createTestDatabase({ sample: "a" });
  await up({ databaseUrl: database.url });
  const auth = await openAuth(database);
  expect((await auth.post("/v1/auth/register", ADA)).status).toBe(201);
  await auth.close();
  await database.query(FIRST_VERSION);
  return database;
}

test("a graft of an earlier version is completed by up, and nobody's session or account is lost", async () => {
  const database = await firstVersion();
  expect(await verify({ databaseUrl: database.url })).toMatchObject({ ok: false });
  const { state, steps } = await up({ databaseUrl: database.url });
  expect(state).toBe("applied");
  expect(steps.map(({ id }) => id)).toEqual(
    expect.arrayContaining(["sessions", "signing-keys", "revocations", "audit-log", "revocation-feed"]),
  );
  expect(await verify({ databaseUrl: database.url })).toMatchObject({ ok: true });
  expect((await database.query("SELECT FROM authgraft.sessions WHERE ended_at IS NULL")).rowCount).toBe(1);
  const auth = await openAuth(database);
  const { body } = await auth.post("/v1/auth/login", { email: ADA.email, password: ADA.password });
  expect((await auth.get("/v1/users/me", { token: body.token })).status).toBe(200);
  expect((await auth.post("/v1/auth/refresh", { refresh_token: body.refresh_token })).status).toBe(200);
  await auth.close();
  expect(await up({ databaseUrl: database.url })).toMatchObject({ state: "applied" });
  expect(await down({ databaseUrl: database.url, discardData: true })).toMatchObject({ state: "pending" });
});

test("an upgrade that was cut short after its columns is completed by the next up", async () => {
  const database = await firstVersion();
  await database.query("ALTER TABLE authgraft.sessions ADD COLUMN user_agent varchar(255)");
  await up({ databaseUrl: database.url });
  expect(await verify({ databaseUrl: database.url })).toMatchObject({ ok: true });
});

test("an archive of an earlier version is restored into the tables of this one", async () => {
  const database = await firstVersion();
  expect(await down({ databaseUrl: database.url, archive: true })).toMatchObject({ state: "pending" });
  expect(await up({ databaseUrl: database.url, restore: true })).toMatchObject({ state: "applied" });
  const auth = await openAuth(database);
  expect((await auth.post("/v1/auth/login", { email: ADA.email, password: ADA.password })).status).toBe(200);
  expect((await database.query("SELECT FROM authgraft.sessions")).rowCount).toBe(2);
});
