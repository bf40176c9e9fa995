import { describe, expect, test } from "vitest";
import { down } from "../../src/migration/down.ts";
import { up } from "../../src/migration/up.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

/** A link of the first user and one of nobody, a mail, a limit. */
const SHORT_LIVED = `
  INSERT INTO authgraft.one_time_tokens (purpose, token_hash, user_id, expires_at)
  SELECT 'reset_password', '\\x01'::bytea, min(id), now() + interval '1 hour' FROM users
  UNION ALL SELECT 'register', '\\x02', NULL, now() + interval '1 hour';
  INSERT INTO authgraft.mail_queue (sealed, expires_at) VALUES ('sealed', now() + interval '1 hour');
  INSERT INTO authgraft.rate_limits (key, points, expire) VALUES ('account', 3, 4102444800000)`;

async function links(database: TestDatabase): Promise<string[]> {
  const { rows } = await database.query<{ purpose: string }>(
    "SELECT purpose FROM authgraft.one_time_tokens ORDER BY purpose",
  );
  return rows.map(({ purpose }) => purpose);
}

describe("links, mail and limits", () => {
  test("are nothing that down would lose", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    await database.query(SHORT_LIVED);
    expect(await down({ databaseUrl: database.url })).toMatchObject({
      state: "pending",
      refusals: [],
      losses: [],
    });
  });

  test("are not put aside: an archive holds none, and none come back", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    await database.query(`${SHORT_LIVED}; INSERT INTO authgraft.audit_log (event) VALUES ('login')`);
    const options = { databaseUrl: database.url };
    expect(await down({ ...options, archive: true })).toMatchObject({ state: "pending" });
    const { rows } = await database.query<{ name: string }>(
      "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'authgraft_archive' ORDER BY 1",
    );
    const names = rows.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["accounts", "audit_log", "sessions", "users"]));
    for (const name of ["one_time_tokens", "mail_queue", "rate_limits"]) expect(names).not.toContain(name);
    // Nobody is kept for their links alone.
    expect((await database.query("SELECT FROM authgraft_archive.users")).rowCount).toBe(0);
    expect(await up({ ...options, restore: true })).toMatchObject({
      state: "applied",
      restored: { complete: true },
    });
    expect(await links(database)).toEqual([]);
  });
});

describe("links", () => {
  test.each([
    ["smallint", "1", "2"],
    ["integer", "1", "2"],
    ["bigint", "3000000001", "3000000002"],
    ["uuid", "6b1f6a7e-5d0c-4c5c-9a53-0f7a4c1f0a01", "6b1f6a7e-5d0c-4c5c-9a53-0f7a4c1f0a02"],
    ["varchar(26)", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FAW"],
    ["text", "ada", "grace"],
  ])("of a user whose key is %s go along with a new key, and with the user", async (type, id, next) => {
    const database = await createTestDatabase();
    await database.query(
      `CREATE TABLE users (id ${type} PRIMARY KEY DEFAULT '${id}', username varchar(30) UNIQUE); INSERT INTO users VALUES ('${id}', 'ada')`,
    );
    expect(await up({ databaseUrl: database.url })).toMatchObject({ state: "applied", refusals: [] });
    await database.query(SHORT_LIVED.replace("min(id)", "id"));
    await database.query(`UPDATE users SET id = '${next}'`);
    const { rows } = await database.query(
      "SELECT user_id::text, pg_typeof(user_id)::text AS type FROM authgraft.one_time_tokens WHERE user_id IS NOT NULL",
    );
    const plain = type.startsWith("varchar") ? "character varying" : type;
    expect(rows).toEqual([{ user_id: next, type: plain }]);
    await database.query("DELETE FROM users");
    expect(await links(database)).toEqual(["register"]);
  });

  test("that a user had end where their id may be somebody else's by now, as sessions do", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const options = { databaseUrl: database.url };
    await database.query(SHORT_LIVED);
    expect((await down({ ...options, step: true })).steps.map(({ id }) => id)).toEqual(["foreign-keys"]);
    await up(options);
    expect(await links(database)).toEqual([]);
  });

  test("whose user was deleted while a foreign key was missing go before it is there again", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    await database.query(
      `${SHORT_LIVED}; ALTER TABLE authgraft.one_time_tokens DROP CONSTRAINT one_time_tokens_user_id_fkey;
       UPDATE authgraft.one_time_tokens SET user_id = -1 WHERE user_id IS NOT NULL`,
    );
    expect((await up({ databaseUrl: database.url })).steps.map(({ id }) => id)).toEqual(["foreign-keys"]);
    expect(await links(database)).toEqual(["register"]);
  });
});

describe("what is kept", () => {
  test("an account that was closed is a state of its own, and comes back from an archive closed", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const options = { databaseUrl: database.url };
    await database.query(
      "INSERT INTO authgraft.accounts (user_id, closed_at) SELECT min(id), '2026-01-01Z' FROM users",
    );
    const refused = await down(options);
    expect(refused).toMatchObject({ state: "refused", losses: [{ kind: "accounts", count: 1 }] });
    await down({ ...options, archive: true });
    await up({ ...options, restore: true });
    const { rows } = await database.query("SELECT closed_at FROM authgraft.accounts");
    expect(rows).toEqual([{ closed_at: new Date("2026-01-01T00:00:00Z") }]);
  });

  test("an entry of the audit log comes back from an archive as it was, to the last column", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const options = { databaseUrl: database.url };
    await database.query(
      `INSERT INTO authgraft.audit_log (event, user_id, session_id, address, detail, result, actor, actor_id, user_agent, occurred_at)
       VALUES ('login', '1', gen_random_uuid(), '192.0.2.1', '{"reason": "disabled"}', 'failure', 'administrator', '2', 'curl', '2026-01-01'),
              ('user_disabled', NULL, NULL, NULL, NULL, 'success', 'command_line', NULL, NULL, '2026-01-02')`,
    );
    const read = async () =>
      (await database.query("SELECT * FROM authgraft.audit_log ORDER BY occurred_at")).rows;
    const before = await read();
    expect(await down(options)).toMatchObject({ losses: [{ kind: "audit_log", count: 2 }] });
    await down({ ...options, archive: true });
    await up({ ...options, restore: true });
    expect(await read()).toEqual(before);
  });
});
