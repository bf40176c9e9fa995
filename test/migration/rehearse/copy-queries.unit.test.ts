import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { copyDatabase } from "../../../src/migration/rehearse/copy/copy-database.ts";
import { startThrowawayServer, type ThrowawayServer } from "../../support/server.ts";

let throwaway: ThrowawayServer;
let client: pg.Client;

beforeAll(async () => {
  throwaway = await startThrowawayServer(18, { shared_preload_libraries: "pg_stat_statements" });
  client = new pg.Client({ connectionString: throwaway.server.url });
  await client.connect();
  await client.query(`CREATE SCHEMA tools; CREATE EXTENSION pg_stat_statements SCHEMA tools;
    CREATE TABLE users (id int PRIMARY KEY, name text); CREATE TABLE users_archive (id int); CREATE ROLE onlooker LOGIN PASSWORD 'onlooker';
    GRANT SELECT ON users TO onlooker; GRANT USAGE ON SCHEMA tools TO onlooker`);
}, 60_000);

afterAll(async () => {
  await client.end();
  await throwaway.remove();
});

test("statements that read or write the users table, the most frequent first; no others", async () => {
  for (const id of [1, 2, 3]) await client.query("SELECT name FROM users WHERE id = $1", [id]);
  await client.query(
    '/* app */ WITH gone AS (DELETE FROM public."users" WHERE id = 9 RETURNING 1) SELECT * FROM gone',
  );
  await client.query("SELECT * FROM users_archive");
  await client.query("ANALYZE users");
  const source = await copyDatabase(throwaway.server.url, { rows: "none", table: "users" });
  const queries = (await source.queries()) ?? [];
  expect(queries[0]).toEqual({
    sql: "SELECT name FROM users WHERE id = $1",
    origin: "pg_stat_statements",
    calls: 3,
  });
  expect(queries.map(({ sql }) => sql)).toContainEqual(expect.stringContaining("DELETE FROM public"));
  expect(queries.map(({ sql }) => sql)).not.toContainEqual(expect.stringMatching(/users_archive|ANALYZE/));
});

test("others' statements that a role may not see are left out", async () => {
  const url = new URL(throwaway.server.url);
  url.username = "onlooker";
  url.password = "onlooker";
  const source = await copyDatabase(url.href, { rows: "none", table: "users" });
  expect(await source.queries()).toEqual([]);
});
