import { describe, expect, inject, test } from "vitest";
import { createTestDatabase, serverMajor, type TestDatabase } from "../support/postgres.ts";

describe("the database a test gets", () => {
  test("lives on the PostgreSQL of the project", async () => {
    const database = await createTestDatabase();
    const { rows } = await database.query<{ major: number }>(
      "SELECT current_setting('server_version_num')::int / 10000 AS major",
    );
    expect(rows[0]?.major).toBe(serverMajor());
  });

  test("belongs to a role that is not a superuser and may make tables in it", async () => {
    const database = await createTestDatabase();
    await database.query("CREATE TABLE notes (id integer); INSERT INTO notes VALUES (1)");
    const { rows } = await database.query("SELECT rolsuper FROM pg_roles WHERE rolname = current_user");
    expect(rows).toEqual([{ rolsuper: false }]);
  });

  test("is apart from every other", async () => {
    const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    await one.query("CREATE TABLE only_here ()");
    const { rows } = await other.query("SELECT to_regclass('only_here') AS found");
    expect(rows).toEqual([{ found: null }]);
  });

  test("hands out roles of its own, which are gone with it", async () => {
    const database = await createTestDatabase();
    const reader = await database.createRole("reader");
    await database.query(`CREATE TABLE notes (id integer); GRANT SELECT ON notes TO "${reader.name}"`);
    const client = await database.client(database.urlFor(reader));
    expect((await client.query("SELECT * FROM notes")).rows).toEqual([]);
    await database.drop();
    const another = await createTestDatabase();
    const { rows } = await another.query("SELECT FROM pg_roles WHERE rolname = $1", [reader.name]);
    expect(rows).toEqual([]);
  });

  test("can be dropped while clients are connected", async () => {
    const database = await createTestDatabase();
    const client = await database.client(database.superuserUrl);
    await client.query("SELECT 1");
    await database.drop();
    await expect(client.query("SELECT 1")).rejects.toThrow();
  });
});

describe("a database with a sample", () => {
  test.each(["a", "b"] as const)("holds %s's users and its neighbours", async (sample) => {
    const database = await createTestDatabase({ sample });
    const { rows } = await database.query(
      `SELECT (SELECT count(*)::int FROM users) AS users,
              (SELECT tableowner FROM pg_tables WHERE tablename = 'users') AS owner,
              to_regclass($1) IS NOT NULL AS neighbour`,
      [sample === "a" ? "sessions" : "refresh_tokens"],
    );
    expect(rows).toEqual([{ users: 200, owner: "app_owner", neighbour: true }]);
  });

  test("is a copy: what one test changes, no other sees", async () => {
    const one = await createTestDatabase({ sample: "a" });
    await one.query("DELETE FROM sessions");
    const other = await createTestDatabase({ sample: "a" });
    expect((await other.query("SELECT count(*)::int FROM sessions")).rows).not.toEqual([{ count: 0 }]);
  });
});

describe("a database made in a test", () => {
  let earlier: TestDatabase | undefined;

  test("is there in that test", async () => {
    earlier = await createTestDatabase();
    expect((await earlier.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  });

  test("is gone in the next", async () => {
    const here = await createTestDatabase();
    const { rows } = await here.query("SELECT FROM pg_database WHERE datname = $1", [earlier?.name]);
    expect(rows).toEqual([]);
    expect(inject("postgresUrl")).toContain("127.0.0.1");
  });
});
