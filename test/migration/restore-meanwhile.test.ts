import { describe, expect, test } from "vitest";
import { down } from "../../src/migration/down.ts";
import { up } from "../../src/migration/up.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { observe } from "../support/round-trip.ts";

async function values(database: TestDatabase, ids: readonly number[]) {
  const { rows } = await database.query<{ id: number }>(
    `SELECT id, email, password_hash, is_admin, (SELECT count(*)::int FROM authgraft.sessions s WHERE s.user_id = u.id) AS sessions,
       (SELECT disabled_at IS NOT NULL FROM authgraft.accounts a WHERE a.user_id = u.id) AS disabled
     FROM users u WHERE id = ANY($1) ORDER BY id`,
    [ids],
  );
  return Object.fromEntries(rows.map(({ id, ...rest }) => [id, rest]));
}

/** Seven people with everything, archived; then their rows change as an old application changes them. */
async function archivedPeople(): Promise<TestDatabase> {
  const database = await createTestDatabase({ sample: "a", users: 10, grafted: {} });
  await database.query(`
    UPDATE users SET email = 'p' || id || '@example.com', password_hash = 'hash ' || id, is_admin = true WHERE id <= 7;
    INSERT INTO authgraft.sessions (user_id, expires_at) SELECT id, now() + interval '1 day' FROM users WHERE id <= 7;
    INSERT INTO authgraft.accounts (user_id, disabled_at) SELECT id, now() FROM users WHERE id <= 7;
    INSERT INTO revoked_tokens (user_id, jti, expires_at) SELECT id, 'token ' || id, now() + interval '1 day' FROM users WHERE id <= 7`);
  await down({ databaseUrl: database.url, archive: true });
  await database.query(`
    DELETE FROM comments; DELETE FROM projects;
    DELETE FROM users WHERE id IN (2, 3);
    INSERT INTO users (id, username, created_at) VALUES (3, 'somebody else by now', now());
    UPDATE users SET username = 'renamed' WHERE id = 4`);
  await up({ databaseUrl: database.url });
  await database.query(`
    UPDATE users SET email = 'P5@Example.COM' WHERE id = 8;
    UPDATE users SET password_hash = 'a newer hash' WHERE id = 6;
    INSERT INTO authgraft.accounts (user_id, disabled_at) VALUES (7, NULL)`);
  return database;
}

const ALL = { password_hash: expect.stringMatching(/^hash/), is_admin: true, sessions: 1, disabled: true };
const NOTHING = { email: null, password_hash: null, is_admin: false, sessions: 0, disabled: null };

describe("up --restore after the old application went on", () => {
  test("gives back to whom it can, keeps the rest in the archive and says how many", async () => {
    const database = await archivedPeople();
    const { restored } = await up({ databaseUrl: database.url, restore: true });
    expect(restored).toMatchObject({ users: 2, users_left: 6, complete: false });

    expect(await values(database, [1, 2, 3, 4, 5, 6, 7])).toEqual({
      1: { ...ALL, email: "p1@example.com" },
      3: NOTHING,
      4: NOTHING,
      5: { ...NOTHING, sessions: 1, disabled: true },
      6: { ...NOTHING, password_hash: "a newer hash", sessions: 1, disabled: true },
      7: { ...ALL, email: "p7@example.com", disabled: false },
    });
    const { rows } = await database.query("SELECT jti, user_id FROM revoked_tokens ORDER BY jti");
    expect(rows.map(({ user_id }) => user_id)).toEqual([1, null, null, null, 5, 6, 7]);
    const kept = await database.query("SELECT id, email FROM authgraft_archive.users ORDER BY id");
    expect(kept.rows).toEqual([
      ...[2, 3, 4, 5, 6].map((id) => ({ id, email: `p${id}@example.com` })),
      { id: 7, email: null },
    ]);
  });

  test("gives back the rest once what was in the way is gone", async () => {
    const database = await archivedPeople();
    await up({ databaseUrl: database.url, restore: true });
    await database.query(`
      UPDATE users u SET username = a.username FROM authgraft_archive.users a WHERE a.id = u.id AND u.id = 4;
      UPDATE users SET email = NULL WHERE id = 8;
      UPDATE users SET password_hash = NULL WHERE id = 6`);
    const { restored } = await up({ databaseUrl: database.url, restore: true });
    expect(restored).toMatchObject({ users: 3, users_left: 3, rows: { sessions: 1, accounts: 1 } });
    expect(await values(database, [4, 5, 6])).toEqual({
      4: { ...ALL, email: "p4@example.com" },
      5: { ...ALL, email: "p5@example.com" },
      6: { ...ALL, email: "p6@example.com" },
    });
  });

  test("forgets people who are gone and had no more than rows that would have gone with them", async () => {
    const database = await createTestDatabase({ sample: "a", users: 10, grafted: {} });
    const options = { databaseUrl: database.url };
    await database.query(
      "INSERT INTO users (id, username, created_at) VALUES (99, 'x', now()); INSERT INTO authgraft.sessions (user_id, expires_at) VALUES (99, now() + interval '1 day')",
    );
    await down({ ...options, archive: true });
    await database.query("DELETE FROM users WHERE id = 99");
    expect((await up({ ...options, restore: true })).restored).toMatchObject({
      users_left: 0,
      complete: true,
    });
  });
});

describe("password users of B (C13)", () => {
  test("down --archive leaves the provider columns nullable and the row as it is; later NOT NULL comes back", async () => {
    const database = await createTestDatabase({ sample: "b" });
    const options = { databaseUrl: database.url };
    const observer = await observe(database, "public.users", "authgraft_archive");
    const before = await observer.outside();
    await up(options);
    await database.query(
      "INSERT INTO users (username, display_name, email, auth_provider, password_hash) VALUES ('grace', 'Grace', 'grace@example.com', 'email', 'hash')",
    );
    const grace = () =>
      database.query("SELECT id, auth_provider, auth_provider_id FROM users WHERE username = 'grace'");
    const row = (await grace()).rows;

    const out = await down({ ...options, archive: true });
    expect(out.notes.join()).toMatch(/auth_provider and auth_provider_id stay nullable/);
    expect((await grace()).rows).toEqual(row);
    await up({ ...options, restore: true });
    expect((await database.query("SELECT FROM users WHERE password_hash = 'hash'")).rowCount).toBe(1);
    expect((await grace()).rows).toEqual(row);

    await database.query(
      "UPDATE users SET auth_provider_id = 'her id', password_hash = NULL WHERE username = 'grace'",
    );
    expect(await down(options)).toMatchObject({ state: "pending", refusals: [] });
    await database.query("DELETE FROM users WHERE username = 'grace'");
    expect(await observer.outside()).toEqual(before);
  });
});

describe("what an archive holds", () => {
  test("stays there where a trigger of the application's keeps it out of the row", async () => {
    const database = await archivedPeople();
    await database.query(`
      CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF to_jsonb(OLD) ? 'password_hash' THEN NEW := jsonb_populate_record(NEW, jsonb_build_object('password_hash', to_jsonb(OLD) -> 'password_hash')); END IF;
        RETURN NEW; END $$;
      CREATE TRIGGER guard BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION keep()`);
    const first = await up({ databaseUrl: database.url, restore: true });
    expect(first.restored).toMatchObject({ users: 0, complete: false });
    await database.query("DROP TRIGGER guard ON users");
    await up({ databaseUrl: database.url, restore: true });
    const { rows } = await database.query(
      "SELECT count(*)::int AS n FROM users WHERE password_hash IS NOT NULL",
    );
    expect(rows[0]?.n).toBeGreaterThan(0);
  });

  test("goes back into its own table only, under a name that is said", async () => {
    const database = await archivedPeople();
    await database.query("ALTER TABLE users RENAME TO customers");
    const options = { databaseUrl: database.url, configuration: { table: "customers" }, restore: true };
    await expect(up(options)).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining("is of public.users, not of public.customers"),
    });
    await database.query("UPDATE authgraft_archive.archive SET users_table = 'public.customers'");
    expect((await up(options)).restored?.users).toBeGreaterThan(0);
  });

  test("is refused before anything is changed where people cannot be known again", async () => {
    const database = await archivedPeople();
    await database.query("ALTER TABLE users RENAME COLUMN username TO login");
    const options = { databaseUrl: database.url, restore: true };
    const held = async () => (await database.query("SELECT * FROM authgraft_archive.users ORDER BY id")).rows;
    const before = await held();
    await expect(up(options)).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining("knows people again by username"),
    });
    expect(await held()).toEqual(before);
    await database.query("ALTER TABLE authgraft_archive.users RENAME COLUMN username TO login");
    expect((await up(options)).restored?.users).toBeGreaterThan(0);
  });

  test("of two people with one address in other case neither is preferred, and everybody else comes back", async () => {
    const database = await createTestDatabase({ sample: "a", users: 10, grafted: {} });
    const options = { databaseUrl: database.url };
    await database.query(`
      DROP INDEX users_email_authgraft_idx;
      UPDATE users SET email = 'A@example.com' WHERE id = 1;
      UPDATE users SET email = 'a@EXAMPLE.com' WHERE id = 2;
      UPDATE users SET email = 'b@example.com' WHERE id = 3`);
    await down({ ...options, archive: true });
    const { restored } = await up({ ...options, restore: true });
    expect(restored).toMatchObject({ users: 1, users_left: 2, complete: false });
  });
});
