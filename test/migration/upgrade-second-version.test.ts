import { expect, test } from "vitest";
import { down } from "../../src/migration/down.ts";
import { up } from "../../src/migration/up.ts";
import { verify } from "../../src/migration/verify.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { observe } from "../support/round-trip.ts";

/** The graft as the second version made it: before links, mail and limits, and with less in the audit log. */
const SECOND_VERSION = `
  DROP TABLE authgraft.one_time_tokens, authgraft.mail_queue, authgraft.rate_limits;
  ALTER TABLE authgraft.accounts DROP COLUMN closed_at;
  ALTER TABLE authgraft.audit_log DROP COLUMN result, DROP COLUMN actor, DROP COLUMN actor_id, DROP COLUMN user_agent;
  DROP INDEX authgraft.audit_log_occurred_at_id_idx;
  CREATE INDEX audit_log_occurred_at_idx ON authgraft.audit_log (occurred_at);
  DELETE FROM authgraft.provenance WHERE name IN ('one_time_tokens', 'mail_queue', 'rate_limits');
  UPDATE authgraft.provenance SET made = '{"columns":["user_id","verified_email","verified_at","disabled_at","token_generation","password_changed_at","created_at"],"indexes":[]}'
   WHERE kind = 'table' AND name = 'accounts';
  UPDATE authgraft.provenance SET made = '{"columns":["id","occurred_at","event","user_id","session_id","address","detail"],"indexes":["audit_log_occurred_at_idx","audit_log_user_id_idx"]}'
   WHERE kind = 'table' AND name = 'audit_log'`;

/** Somebody disabled, and what was written down of it then. */
const DATA = `
  INSERT INTO authgraft.accounts (user_id, disabled_at) SELECT min(id), '2026-01-01' FROM users;
  INSERT INTO authgraft.audit_log (event, user_id, detail, occurred_at)
  VALUES ('refresh_token_reused', '1', '{"at": 1}', '2026-01-01'), ('refresh_token_reused', '2', NULL, '2026-01-02')`;

async function secondVersion(sql = ""): Promise<TestDatabase> {
  const database = await createTestDatabase({ sample: "a", grafted: {} });
  await database.query(`${SECOND_VERSION}; ${sql}`);
  return database;
}

const EVENTS =
  "SELECT event, user_id, detail, result, actor, actor_id, user_agent FROM authgraft.audit_log ORDER BY occurred_at";

const RECORDS = "SELECT kind, name, origin, before, made, step FROM authgraft.provenance ORDER BY kind, name";

test("up makes of it what it makes of a database that was never grafted, and says which steps it took", async () => {
  const [old, fresh] = [await secondVersion(DATA), await createTestDatabase({ sample: "a", grafted: {} })];
  expect((await verify({ databaseUrl: old.url })).ok).toBe(false);
  const { state, steps } = await up({ databaseUrl: old.url });
  expect([state, steps.map(({ id }) => id)]).toEqual([
    "applied",
    ["accounts", "audit-log", "one-time-tokens", "mail-queue", "rate-limits", "foreign-keys"],
  ]);
  expect(await verify({ databaseUrl: old.url })).toMatchObject({ ok: true });
  const [completed, made] = [await observe(old), await observe(fresh)];
  expect((await completed.whole()).schema).toEqual((await made.whole()).schema);
  expect((await old.query(RECORDS)).rows).toEqual((await fresh.query(RECORDS)).rows);
  expect((await up({ databaseUrl: old.url })).steps).toEqual([]);
});

test("what was written down before tells what it told, as what a user did with success", async () => {
  const database = await secondVersion(DATA);
  await up({ databaseUrl: database.url });
  const told = {
    event: "refresh_token_reused",
    result: "success",
    actor: "user",
    actor_id: null,
    user_agent: null,
  };
  expect((await database.query(EVENTS)).rows).toEqual([
    { ...told, user_id: "1", detail: { at: 1 } },
    { ...told, user_id: "2", detail: null },
  ]);
});

test("an upgrade that was cut short after its columns, or its index, is completed by the next up", async () => {
  const database = await secondVersion();
  await database.query(
    `ALTER TABLE authgraft.audit_log ADD COLUMN actor_id text;
     CREATE INDEX audit_log_occurred_at_id_idx ON authgraft.audit_log (occurred_at, id)`,
  );
  expect(await up({ databaseUrl: database.url })).toMatchObject({ state: "applied" });
  expect(await verify({ databaseUrl: database.url })).toMatchObject({ ok: true });
  const { rows } = await database.query(
    "SELECT indexname AS name FROM pg_indexes WHERE tablename = 'audit_log' ORDER BY 1",
  );
  expect(rows.map(({ name }) => name)).toEqual([
    "audit_log_occurred_at_id_idx",
    "audit_log_pkey",
    "audit_log_user_id_idx",
  ]);
});

test("an index of the replaced one's name that somebody made stays theirs", async () => {
  const database = await createTestDatabase({ sample: "a", grafted: {} });
  await database.query("CREATE INDEX audit_log_occurred_at_idx ON authgraft.audit_log (occurred_at)");
  expect((await up({ databaseUrl: database.url })).steps).toEqual([]);
  expect(await verify({ databaseUrl: database.url })).toMatchObject({ ok: true });
});

test("down takes it out as it stands, and counts what it has columns for", async () => {
  const database = await secondVersion(DATA);
  const refused = await down({ databaseUrl: database.url });
  expect(refused.losses.map(({ kind, count }) => [kind, count])).toEqual([
    ["audit_log", 2],
    ["accounts", 1],
  ]);
  await database.query("DELETE FROM authgraft.audit_log; DELETE FROM authgraft.accounts");
  expect(await down({ databaseUrl: database.url })).toMatchObject({ state: "pending", refusals: [] });
});

test("its archive is restored into the tables of this version", async () => {
  const database = await secondVersion(DATA);
  const options = { databaseUrl: database.url };
  expect(await down({ ...options, archive: true })).toMatchObject({ state: "pending" });
  expect(await up({ ...options, restore: true })).toMatchObject({
    state: "applied",
    restored: { complete: true },
  });
  expect((await database.query(EVENTS)).rows).toHaveLength(2);
  const { rows } = await database.query(
    "SELECT disabled_at IS NULL AS lost, closed_at FROM authgraft.accounts",
  );
  expect(rows).toEqual([{ lost: false, closed_at: null }]);
});

test("a role that it let serve is let do what serving takes now, and down takes all of it back", async () => {
  const database = await createTestDatabase({ sample: "a" });
  const role = await database.createRole("server");
  const observer = await observe(database);
  const before = await observer.outside();
  const options = { databaseUrl: database.superuserUrl, configuration: { serverRole: role.name } };
  await up(options);
  await database.query(
    `${SECOND_VERSION};
     REVOKE SELECT ON authgraft.audit_log FROM ${role.name};
     GRANT INSERT ON authgraft.audit_log TO ${role.name};
     REVOKE UPDATE (username, is_admin) ON users FROM ${role.name};
     UPDATE authgraft.provenance
        SET made = jsonb_set(made, '{columns,2}', '{"privilege": "UPDATE", "columns": ["password_hash", "email"]}')
      WHERE kind = 'grant'`,
  );
  expect((await up(options)).steps.map(({ id }) => id)).toContain("server-role");
  const fresh = await createTestDatabase({ sample: "a" });
  await up({ ...options, databaseUrl: fresh.superuserUrl });
  expect((await observer.outside()).schema).toEqual((await (await observe(fresh)).outside()).schema);
  expect(await down(options)).toMatchObject({ state: "pending", refusals: [] });
  expect(await observer.outside()).toEqual(before);
});
