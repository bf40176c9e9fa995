import { expect, test } from "vitest";
import { down } from "../../src/migration/down.ts";
import { up } from "../../src/migration/up.ts";
import { verify } from "../../src/migration/verify.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { observe } from "../support/round-trip.ts";

test("a users table that was renamed after the graft, schema and all, is still the one that was grafted", async () => {
  const database = await createTestDatabase({ sample: "a" });
  const observer = await observe(database);
  const rename = `
    CREATE SCHEMA "The Shop"; ALTER TABLE users SET SCHEMA "The Shop"; ALTER TABLE "The Shop".users RENAME TO "People"`;
  const renameBack = `
    ALTER TABLE "The Shop"."People" RENAME TO users; ALTER TABLE "The Shop".users SET SCHEMA public; DROP SCHEMA "The Shop"`;
  const before = await observer.whole();
  const configuration = { emailUniqueConstraint: true };
  await up({ databaseUrl: database.url, configuration });
  await database.query(`${rename}; ALTER TABLE revoked_tokens SET SCHEMA "The Shop"`);

  const options = {
    databaseUrl: database.url,
    configuration: { ...configuration, table: '"The Shop"."People"' },
  };
  expect((await verify(options)).findings.filter(({ severity }) => severity === "refusal")).toEqual([]);
  expect(await up(options)).toMatchObject({ state: "applied", steps: [] });
  for (;;) {
    const { steps, refusals } = await down({ ...options, step: true });
    expect(refusals).toEqual([]);
    if (steps.length === 0) break;
  }
  await database.query(renameBack);
  expect(await observer.whole()).toEqual(before);
});

test("the graft of one table is not taken for another's, before its foreign keys stand and after", async () => {
  const database = await createTestDatabase({ sample: "a" });
  await database.query("CREATE TABLE members (id bigint PRIMARY KEY, username text NOT NULL UNIQUE)");
  const members = { databaseUrl: database.url, configuration: { table: "members" } };
  const users = { databaseUrl: database.url };
  for (const grafted of [{ ...users, to: "graft-schema" }, users]) {
    await up(grafted);
    const observer = await observe(database);
    const before = await observer.whole();
    for (const change of [up, down]) {
      const { state, refusals } = await change(members);
      expect(state).toBe("refused");
      expect(refusals.map(({ code }) => code)).toContain("graft_of_another_table");
    }
    expect(await observer.whole()).toEqual(before);
  }
});

test("an index of another table that has our index's name is neither built over nor dropped", async () => {
  const database = await createTestDatabase({ sample: "a" });
  const configuration = { emailUniqueConstraint: true };
  const options = { databaseUrl: database.url, configuration };
  for (const name of ["users_email_authgraft_idx", "users_email_authgraft_key"]) {
    await database.query(`CREATE INDEX ${name} ON comments (body)`);
    const refused = await up(options);
    expect(refused).toMatchObject({ state: "refused", steps: [] });
    expect(refused.refusals.map(({ code, object }) => `${code} ${object}`)).toEqual([
      `index_name_taken public.${name}`,
    ]);
    await database.query(`DROP INDEX ${name}`);
  }
  await up(options);
  await database.query(`
    ALTER TABLE users DROP CONSTRAINT users_email_authgraft_key; DROP INDEX users_email_authgraft_idx;
    CREATE INDEX users_email_authgraft_idx ON comments (body); CREATE INDEX users_email_authgraft_key ON comments (body)`);
  expect((await down(options)).refusals).toEqual([]);
  expect((await database.query("SELECT FROM pg_indexes WHERE indexname LIKE '%authgraft%'")).rowCount).toBe(
    2,
  );
});

test("users who are deleted while the foreign keys are out do not stand in the way of the next up", async () => {
  const database = await createTestDatabase({ sample: "a", grafted: {} });
  const options = { databaseUrl: database.url };
  await database.query(`
    INSERT INTO users (id, username, created_at) VALUES (9001, 'leaves', now());
    INSERT INTO authgraft.accounts (user_id) VALUES (9001), (1);
    INSERT INTO authgraft.sessions (user_id, expires_at) VALUES (9001, now() + interval '1 day');
    INSERT INTO revoked_tokens (user_id, jti, expires_at) VALUES (9001, 'gone', now() + interval '1 day'), (1, 'here', now())`);
  expect((await down({ ...options, step: true })).steps.map(({ id }) => id)).toEqual(["foreign-keys"]);
  await database.query("DELETE FROM users WHERE id = 9001");
  expect((await up(options)).state).toBe("applied");
  const revoked = await database.query("SELECT user_id, jti FROM revoked_tokens ORDER BY jti");
  expect(revoked.rows).toEqual([
    { user_id: null, jti: "gone" },
    { user_id: 1, jti: "here" },
  ]);
  expect((await database.query("SELECT FROM authgraft.sessions")).rowCount).toBe(0);
  expect((await database.query("SELECT FROM authgraft.accounts")).rowCount).toBe(1);
});

test("an id that is deleted and given to somebody else while the foreign keys are out brings no session with it", async () => {
  const database = await createTestDatabase({ sample: "a", grafted: {} });
  const options = { databaseUrl: database.url };
  const login = (id: number) =>
    database.query(
      `INSERT INTO authgraft.sessions (user_id, expires_at) VALUES (${id}, now() + interval '1 day')`,
    );
  await database.query("INSERT INTO users (id, username, created_at) VALUES (9001, 'leaves', now())");
  await login(9001);
  await down({ ...options, step: true });
  // A server that runs on lets people in still.
  await login(9001);
  await database.query(`
    DELETE FROM users WHERE id = 9001;
    INSERT INTO users (id, username, created_at) VALUES (9001, 'comes', now())`);
  expect((await up(options)).steps.map(({ id }) => id)).toEqual(["foreign-keys"]);
  expect((await database.query("SELECT FROM authgraft.sessions")).rowCount).toBe(0);
  await login(9001);
  expect(await up(options)).toMatchObject({ state: "applied", steps: [] });
  expect((await database.query("SELECT FROM authgraft.sessions")).rowCount).toBe(1);
  expect((await verify(options)).ok).toBe(true);
});
