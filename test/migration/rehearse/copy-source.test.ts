import { expect, test } from "vitest";
import { copyDatabase } from "../../../src/migration/rehearse/copy/copy-database.ts";
import { up } from "../../../src/migration/up.ts";
import { eventually } from "../../support/eventually.ts";
import { createTestDatabase, serverMajor, type TestDatabase } from "../../support/postgres.ts";
import { copyOf } from "./copy-fixture.ts";

const ONE_TABLE =
  "CREATE TABLE users (id int PRIMARY KEY, username text NOT NULL); INSERT INTO users VALUES (1, 'ada'), (2, 'grace')";

async function made(sql: string): Promise<TestDatabase> {
  const database = await createTestDatabase();
  await database.query(sql);
  return database;
}

test("nothing is written to the source", async () => {
  const database = await createTestDatabase({ sample: "b" });
  const written = async () => {
    const { rows } = await database.query(
      `SELECT sum(n_tup_ins) AS inserted, sum(n_tup_upd) AS updated, sum(n_tup_del) AS deleted
       FROM pg_stat_all_tables s JOIN pg_class c ON c.oid = s.relid WHERE NOT c.relisshared`,
    );
    return rows;
  };
  const before = await written();
  await copyOf(database);
  expect(await written()).toEqual(before);
});

test("a table that somebody has locked is waited for without queueing, and copied when it is free", async () => {
  const database = await made(ONE_TABLE);
  const source = await copyDatabase(database.url, { rows: "none", table: "users" });
  const copy = await createTestDatabase();
  const holder = await database.client();
  await holder.query("BEGIN; LOCK TABLE users");
  const loading = source.load(copy.superuserUrl, {
    part: "all",
    onProgress: () => undefined,
    signal: undefined,
  });
  await holder.query("SELECT pg_sleep(1)");
  await holder.query("COMMIT");
  await expect(loading).resolves.toMatchObject({ tables: 1, leftOut: [] });
});

test("a role that may not read the users table is refused, with the GRANT that helps; no rows can be copied all the same", async () => {
  const database = await made(ONE_TABLE);
  const role = await database.createRole("looker");
  const url = database.urlFor(role);
  await expect(copyDatabase(url, { rows: "all", table: "users" })).rejects.toMatchObject({
    code: "refused",
    fix: expect.stringContaining(`GRANT SELECT ON public.users TO "${role.name}"`),
  });
  const { copy, report } = await copyOf(database, { as: url, rows: "none" });
  expect(report).toMatchObject({ tables: 1, rows: 0, leftOut: [] });
  expect((await copy.query("SELECT FROM users")).rowCount).toBe(0);
});

test("rows that a role may not read are reported, by table; rows that row-level security hides are refused or reported", async () => {
  const database = await made(
    `${ONE_TABLE}; CREATE TABLE secrets (n int); CREATE TABLE hidden (n int); ALTER TABLE hidden ENABLE ROW LEVEL SECURITY`,
  );
  const role = await database.createRole("looker");
  await database.query(`GRANT SELECT ON users, hidden TO "${role.name}"`);
  const url = database.urlFor(role);
  const { report } = await copyOf(database, { as: url });
  expect(report).toMatchObject({
    rows: 2,
    leftOut: [
      { kind: "rows", name: "public.secrets", reason: expect.stringContaining("GRANT SELECT") },
      { kind: "rows", name: "public.hidden", reason: expect.stringContaining("BYPASSRLS") },
    ],
  });
  await database.query("ALTER TABLE users ENABLE ROW LEVEL SECURITY");
  await expect(copyDatabase(url, { rows: 5, table: "users" })).rejects.toMatchObject({
    code: "refused",
    fix: expect.stringContaining("BYPASSRLS"),
  });
});

test("the schema alone has tables without rows, and sequences where they stood", async () => {
  const database = await createTestDatabase({ sample: "a" });
  const { copy, report } = await copyOf(database, { part: "schema" });
  expect(report.rows).toBe(0);
  expect((await copy.query("SELECT FROM users")).rowCount).toBe(0);
});

test("of a graft its schema and its journal come along; hashes, sessions and signing keys do not", async () => {
  const database = await createTestDatabase({ sample: "a" });
  expect(await up({ databaseUrl: database.url, configuration: {} })).toMatchObject({ state: "applied" });
  await database.query(`
    UPDATE users SET password_hash = 'a hash' WHERE id = (SELECT min(id) FROM users);
    INSERT INTO authgraft.signing_keys (kid, algorithm, public_jwk, private_jwe) VALUES ('k', 'ES256', '{}', 'private');
    INSERT INTO authgraft.sessions (user_id, expires_at) SELECT min(id), now() FROM users;
    INSERT INTO revoked_tokens (user_id, jti, expires_at) SELECT min(id), 'j', now() FROM users`);
  const { copy } = await copyOf(database);
  const { rows } = await copy.query(
    `SELECT count(password_hash)::int AS hashes, (SELECT count(*)::int FROM authgraft.signing_keys) AS keys, (SELECT count(*)::int FROM authgraft.sessions) AS sessions,
       (SELECT count(*)::int FROM revoked_tokens) AS revoked, (SELECT count(*) > 0 FROM authgraft.provenance) AS provenance, (SELECT count(*) > 0 FROM authgraft.migration_steps) AS journal FROM users`,
  );
  expect(rows).toEqual([{ hashes: 0, keys: 0, sessions: 0, revoked: 0, provenance: true, journal: true }]);
});

test("foreign servers, foreign tables and invalid indexes are left out and reported, and what hangs on them too", async () => {
  const database = await made(`${ONE_TABLE}; CREATE VIEW here AS SELECT * FROM users`);
  const superuser = await database.client(database.superuserUrl);
  await superuser.query(`
    CREATE EXTENSION postgres_fdw; CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw;
    CREATE USER MAPPING FOR PUBLIC SERVER elsewhere OPTIONS (password 'swordfish');
    CREATE FOREIGN TABLE remote (n int) SERVER elsewhere; CREATE VIEW there AS SELECT * FROM remote;
    INSERT INTO users VALUES (3, 'ada')`);
  await superuser.query("CREATE UNIQUE INDEX CONCURRENTLY broken ON users (username)").catch(() => undefined);
  const { copy, report } = await copyOf(database);
  const named = (kind: string) => report.leftOut.filter((item) => item.kind === kind).map(({ name }) => name);
  expect(named("server")).toEqual(["elsewhere"]);
  expect(named("foreign table")).toEqual(["public.remote"]);
  expect(named("index")).toEqual(["public.broken"]);
  expect(named("view")).toEqual(["public.there"]);
  expect(JSON.stringify(report)).not.toContain("swordfish");
  expect((await copy.query("SELECT FROM pg_user_mappings")).rowCount).toBe(0);
  expect((await copy.query("SELECT FROM here")).rowCount).toBe(3);
});

test("what would reach out of a rehearsal is left out and reported: extensions that connect, languages that may do anything", async () => {
  const database = await made(ONE_TABLE);
  const superuser = await database.client(database.superuserUrl);
  await superuser.query(`
    CREATE EXTENSION dblink; CREATE EXTENSION postgres_fdw; CREATE EXTENSION file_fdw; CREATE EXTENSION pgcrypto;
    CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      PERFORM dblink_exec('host=db.example.com', 'INSERT INTO audit VALUES (1)'); RETURN NEW; END $$;
    ALTER FUNCTION tell OWNER TO app_owner;
    CREATE TRIGGER tell AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION tell()`);
  const { copy, report } = await copyOf(database);
  expect(report.leftOut).toEqual(
    ["dblink", "postgres_fdw", "file_fdw"].map((name) => ({
      ...{ kind: "extension", name },
      reason: expect.stringContaining("reaches other servers"),
    })),
  );
  const { rows } = await copy.query("SELECT extname FROM pg_extension ORDER BY 1");
  expect(rows.map(({ extname }) => extname)).toEqual(["pgcrypto", "plpgsql"]);
});

test("event triggers are left out and reported: nothing of the source's fires as the scratch server's own role", async () => {
  const database = await made(ONE_TABLE);
  const superuser = await database.client(database.superuserUrl);
  await superuser.query(`
    CREATE FUNCTION fire() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
    ALTER FUNCTION fire() OWNER TO app_owner;
    CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION fire();
    ${serverMajor() >= 17 ? "CREATE EVENT TRIGGER entered ON login EXECUTE FUNCTION fire()" : ""}`);
  const { copy, report } = await copyOf(database);
  const names = serverMajor() >= 17 ? ["watch", "entered"] : ["watch"];
  expect(report.leftOut).toEqual(
    names.map((name) => ({
      ...{ kind: "event trigger", name },
      reason: expect.stringContaining("takes a superuser"),
    })),
  );
  expect((await copy.query("SELECT FROM pg_event_trigger")).rowCount).toBe(0);
});

test("what belongs to a role that the scratch server has already, schemas too, belongs to the copy's own", async () => {
  const database = await createTestDatabase();
  const { name } = await database.createRole("standing");
  const superuser = await database.client(database.superuserUrl);
  await superuser.query(`
    CREATE SCHEMA shop AUTHORIZATION "${name}"; SET ROLE "${name}";
    CREATE TABLE shop.users (id int PRIMARY KEY); CREATE MATERIALIZED VIEW shop.sums AS SELECT count(*) FROM shop.users`);
  const { copy, report } = await copyOf(database, { as: database.superuserUrl, table: "shop.users" });
  const left = report.leftOut.filter((item) => item.name !== "postgres");
  expect(left).toEqual([{ kind: "role", name, reason: expect.stringContaining("which no rehearsal made") }]);
  const { rows } = await copy.query(
    "SELECT DISTINCT pg_get_userbyid(owner)::text AS owner FROM (SELECT relowner AS owner FROM pg_class WHERE relname IN ('users', 'sums') UNION SELECT nspowner FROM pg_namespace WHERE nspname = 'shop') o",
  );
  expect(rows).toEqual([{ owner: expect.stringMatching(/^authgraft_rehearsal_/) }]);
});

test("an interruption ends both connections and says so", async () => {
  const database = await made(
    `${ONE_TABLE}; INSERT INTO users SELECT n, 'user' || n FROM generate_series(10, 200000) n`,
  );
  const source = await copyDatabase(database.url, { rows: "all", table: "users" });
  const copy = await createTestDatabase();
  const stop = new AbortController();
  const loading = source.load(copy.superuserUrl, {
    part: "all",
    onProgress: (line) => line.startsWith("copying rows") && stop.abort(),
    signal: stop.signal,
  });
  await expect(loading).rejects.toMatchObject({ code: "interrupted" });
  await eventually(async () => {
    const { rowCount } = await copy.query(
      "SELECT FROM pg_stat_activity WHERE datname = ANY($1) AND application_name LIKE 'authgraft%'",
      [[copy.name, database.name]],
    );
    expect(rowCount).toBe(0);
  });
});

test("a database that holds something is not filled", async () => {
  const database = await made(ONE_TABLE);
  const source = await copyDatabase(database.url, { rows: "all", table: "users" });
  const other = await made("CREATE TABLE precious (n int)");
  await expect(
    source.load(other.superuserUrl, { part: "all", onProgress: () => undefined, signal: undefined }),
  ).rejects.toMatchObject({ code: "refused", message: expect.stringContaining("not empty") });
});

test("where nobody counts statements, there are none to try", async () => {
  const database = await made(ONE_TABLE);
  const source = await copyDatabase(database.url, { rows: "none", table: "users" });
  expect(await source.queries()).toBeNull();
});
