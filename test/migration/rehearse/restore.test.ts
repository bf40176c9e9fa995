import { expect, test } from "vitest";
import type { LoadReport } from "../../../src/migration/rehearse/rehearsal.ts";
import { dropMadeUpRoles } from "../../../src/migration/rehearse/restore/made-up-roles.ts";
import { restoreDump } from "../../../src/migration/rehearse/restore/restore-dump.ts";
import {
  newRestoreLogin,
  type RestoreLogin,
  urlAs,
} from "../../../src/migration/rehearse/restore/restore-role.ts";
import { administrate } from "../../support/administrator.ts";
import { createTestDatabase, serverMajor, type TestDatabase } from "../../support/postgres.ts";

const unique = () => newRestoreLogin().name.slice(-10);

interface Given {
  readonly part?: "schema" | "all";
  readonly url?: string;
  readonly login?: RestoreLogin;
  readonly database?: string;
  readonly signal?: AbortSignal;
}

async function restore(database: TestDatabase, sql: string | Buffer, given: Given = {}): Promise<LoadReport> {
  async function* bytes() {
    const all = Buffer.from(sql);
    for (let at = 0; at < all.length; at += 1_000) yield all.subarray(at, at + 1_000);
  }
  const { report } = await restoreDump(bytes(), {
    databaseUrl: given.url ?? database.superuserUrl,
    login: given.login ?? newRestoreLogin(),
    part: given.part ?? "all",
    database: given.database ?? null,
    onProgress: () => undefined,
    signal: given.signal,
  });
  return report;
}

/** After a test that restored as the superuser: its roles go when its database is gone. */
async function dropAll(database: TestDatabase, report: LoadReport): Promise<void> {
  await database.drop();
  expect(await dropMadeUpRoles((await createTestDatabase()).superuserUrl, report.rolesMade)).toEqual(
    report.rolesMade,
  );
}

const single = async (database: TestDatabase, sql: string) => {
  const client = await database.client(database.superuserUrl);
  const { rows } = await client.query<Record<string, unknown>>(sql);
  return Object.values(rows[0] ?? {})[0];
};

const USERS = `
CREATE TABLE public.users (id integer NOT NULL, username text);
COPY public.users (id, username) FROM stdin;
1\tada
2\tgrace
\\.
ALTER TABLE ONLY public.users ADD CONSTRAINT users_pkey PRIMARY KEY (id);
`;

test("roles that the dump names and the server lacks are made up, and dropped with the databases", async () => {
  const database = await createTestDatabase();
  const [owner, reader, other] = [`Owner ${unique()}`, `reader_${unique()}`, `other_${unique()}`];
  const report = await restore(
    database,
    `${USERS}
    CREATE SCHEMA shop; ALTER SCHEMA shop OWNER TO "${owner}";
    ALTER TABLE public.users OWNER TO "${owner}";
    GRANT SELECT ON TABLE public.users TO ${reader} WITH GRANT OPTION;
    SET SESSION AUTHORIZATION ${reader};
    GRANT SELECT ON TABLE public.users TO ${other};
    RESET SESSION AUTHORIZATION;
    ALTER DEFAULT PRIVILEGES FOR ROLE "${owner}" IN SCHEMA shop GRANT SELECT ON TABLES TO ${reader};
    CREATE POLICY mine ON public.users FOR SELECT TO ${other} USING ((username = CURRENT_USER));`,
  );
  expect(report).toMatchObject({ tables: 1, rows: 2, leftOut: [] });
  expect(report.rolesMade.slice(1)).toEqual([owner, reader, other]);
  expect(await single(database, "SELECT tableowner FROM pg_tables WHERE tablename = 'users'")).toBe(owner);
  expect(await single(database, `SELECT rolcanlogin FROM pg_roles WHERE rolname = '${reader}'`)).toBe(false);
  expect(await single(database, "SELECT relacl::text FROM pg_class WHERE relname = 'users'")).toContain(
    `${other}=r/${reader}`,
  );
  expect(await dropMadeUpRoles(database.superuserUrl, report.rolesMade)).toEqual([]);
  await dropAll(database, report);
});

test("what pg_dump --use-set-session-authorization makes as its owner belongs to it", async () => {
  const database = await createTestDatabase();
  const owner = `Owner ${unique()}`;
  const report = await restore(
    database,
    `SET SESSION AUTHORIZATION '${owner}'; ${USERS} RESET SESSION AUTHORIZATION; CREATE TABLE public.mine (n integer);`,
  );
  expect(report).toMatchObject({ tables: 2, rows: 2, leftOut: [] });
  expect(await single(database, "SELECT tableowner FROM pg_tables WHERE tablename = 'users'")).toBe(owner);
  await dropAll(database, report);
});

test("two rehearsals at once share the roles they make up, and the last one takes them away", async () => {
  const role = `shared_${unique()}`;
  const sql = `${USERS} ALTER TABLE public.users OWNER TO ${role};`;
  const databases = await Promise.all([1, 2, 3, 4].map(() => createTestDatabase()));
  const reports = await Promise.all(databases.map((database) => restore(database, sql)));
  for (const report of reports)
    expect(report).toMatchObject({ leftOut: [], rolesMade: [expect.anything(), role] });
  const gone: string[] = [];
  for (const [index, database] of databases.entries()) {
    const { url } = await createTestDatabase();
    await database.drop();
    const administrator = new URL(database.superuserUrl);
    administrator.pathname = new URL(url).pathname;
    gone.push(...(await dropMadeUpRoles(administrator.href, reports[index]?.rolesMade ?? [])));
  }
  expect(gone.filter((name) => name === role)).toEqual([role]);
});

test("a role that the server already has is left as it is: nothing of the dump acts as it", async () => {
  const database = await createTestDatabase();
  const { name } = await database.createRole("standing");
  const elsewhere = await createTestDatabase();
  await administrate(`ALTER DATABASE "${elsewhere.name}" OWNER TO "${name}"`);
  const report = await restore(
    database,
    `${USERS} ALTER TABLE public.users OWNER TO ${name}; GRANT SELECT ON TABLE public.users TO ${name};
    DO $$ BEGIN EXECUTE 'SET ROLE ${name}'; EXECUTE 'ALTER DATABASE "${elsewhere.name}" CONNECTION LIMIT 0'; END $$;`,
  );
  expect(report.rolesMade).toHaveLength(1);
  expect(report.leftOut).toEqual([
    { kind: "role", name, reason: expect.stringContaining("which no rehearsal made") },
    expect.objectContaining({ name: "DO", reason: `permission denied to set role "${name}"` }),
  ]);
  expect(await single(database, "SELECT tableowner FROM pg_tables WHERE tablename = 'users'")).toBe(
    report.rolesMade[0],
  );
  expect(
    await single(database, `SELECT datconnlimit FROM pg_database WHERE datname = '${elsewhere.name}'`),
  ).toBe(-1);
  await administrate(`ALTER DATABASE "${elsewhere.name}" OWNER TO app_owner`);
  expect(await dropMadeUpRoles(database.superuserUrl, [name])).toEqual([]);
  await dropAll(database, report);
});

test("a role that may not make roles owns what others would, and says so", async () => {
  const database = await createTestDatabase();
  const missing = `missing_${unique()}`;
  const report = await restore(
    database,
    `${USERS} ALTER TABLE public.users OWNER TO ${missing}; GRANT SELECT ON TABLE public.users TO ${missing};`,
    { url: database.url },
  );
  expect(report).toMatchObject({ tables: 1, rows: 2, rolesMade: [] });
  expect(report.leftOut).toEqual([
    { kind: "role", name: missing, reason: expect.stringContaining("does not exist") },
    { kind: "grant", name: "public.users", reason: `role "${missing}" does not exist` },
  ]);
});

test("nothing of a dump runs with a superuser's rights, whatever it tries", async () => {
  const database = await createTestDatabase();
  const superuser = await single(database, "SELECT current_user");
  const report = await restore(
    database,
    `${USERS}
    COPY public.users FROM PROGRAM 'id';
    COPY public.users TO '/tmp/authgraft-stolen';
    DO $$ BEGIN EXECUTE 'COPY public.users FROM PROG' || 'RAM ''id'''; END $$;
    DO $$ BEGIN EXECUTE 'RESET ROLE'; EXECUTE 'SET ROLE ${superuser}'; END $$;
    DO $$ BEGIN PERFORM set_config('role', '${superuser}', false); END $$;
    SET SESSION AUTHORIZATION ${superuser};
    SELECT pg_catalog.pg_read_file('/etc/passwd');
    SELECT pg_catalog.lo_import('/etc/passwd');
    CREATE FUNCTION public.run(text) RETURNS integer LANGUAGE c AS 'libc.so.6', 'system';
    CREATE FUNCTION public.who() RETURNS name LANGUAGE sql SECURITY DEFINER AS 'SELECT current_user';
    ALTER FUNCTION public.who() OWNER TO ${superuser};
    CREATE TABLE public.acted AS SELECT public.who() AS who;
    ALTER SYSTEM SET archive_command = 'id';
    LOAD 'auto_explain';
    CREATE SUBSCRIPTION s CONNECTION 'host=db.example.com' PUBLICATION p;
    CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION public.who();
    CREATE SERVER remote FOREIGN DATA WRAPPER postgres_fdw;
    CREATE USER MAPPING FOR CURRENT_USER SERVER remote OPTIONS (password 'secret');
    DO $$ BEGIN EXECUTE 'CREATE ROLE authgraft_intruder SUPERUSER'; END $$;
    CREATE TABLE public.answered (who name);
    CREATE FUNCTION public.answer(name, name) RETURNS boolean LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO public.answered VALUES (current_user); RETURN true; END $$;
    CREATE OPERATOR public.!~ (LEFTARG = name, RIGHTARG = name, FUNCTION = public.answer);
    CREATE OPERATOR public.<> (LEFTARG = name, RIGHTARG = name, FUNCTION = public.answer);
    `,
  );
  const kinds = report.leftOut.map(({ kind }) => kind);
  expect(kinds).toEqual(expect.arrayContaining(["subscription", "event trigger", "server", "user mapping"]));
  expect(kinds).not.toContain("rows");
  expect(report.leftOut.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["DO", "SELECT pg_catalog.lo_import"]),
  );
  expect(JSON.stringify(report)).not.toContain("secret");
  expect(report.rows).toBe(2);
  expect(await single(database, "SELECT who FROM public.acted")).toBe(report.rolesMade[0]);
  expect(await single(database, "SELECT count(*)::int FROM public.answered")).toBe(0);
  expect(await single(database, "SELECT proowner::regrole::text FROM pg_proc WHERE proname = 'who'")).toBe(
    report.rolesMade[0],
  );
  expect((await administrate("SELECT FROM pg_roles WHERE rolname = 'authgraft_intruder'")).rowCount).toBe(0);
  expect((await administrate("SELECT FROM pg_subscription")).rowCount).toBe(0);
  const login = `SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = '${report.rolesMade[0]}'`;
  expect(await single(database, login)).toBe(false);
  await dropAll(database, report);
});

test.for(["\\! id", "\\copy t from '/etc/passwd'", "\\i /etc/passwd", "\\set x `id`"])(
  "a command to psql is refused, not run: %s",
  async (command) => {
    const database = await createTestDatabase();
    await expect(restore(database, `${USERS}${command}\n`, { url: database.url })).rejects.toMatchObject({
      code: "dump_invalid",
      message: expect.stringContaining("line 8"),
    });
  },
);

test("what the server does not have is left out with all that needs it, and the rest stands", async () => {
  const database = await createTestDatabase();
  const report = await restore(
    database,
    `SET transaction_timeout = 0; SET default_table_access_method = columnar; SET default_tablespace = fast;
    CREATE EXTENSION IF NOT EXISTS no_such_extension WITH SCHEMA public;
    COMMENT ON EXTENSION no_such_extension IS 'gone';
    CREATE TABLE public.places (id integer, spot public.geometry);
    COPY public.places (id, spot) FROM stdin;
1\t0101
\\.
    INSERT INTO public.places VALUES (2, '0101');
    CREATE INDEX places_spot ON public.places USING gist (spot);
    ALTER TABLE ONLY public.places ADD CONSTRAINT places_pkey PRIMARY KEY (id);
    CREATE VIEW public.near AS SELECT id FROM public.places;
    CREATE TABLESPACE fast LOCATION '/fast';
    SET my.own = 'x';
    ${USERS}`,
    { url: database.url },
  );
  expect(report).toMatchObject({ tables: 1, rows: 2 });
  expect(report.leftOut.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    "setting default_table_access_method",
    "setting default_tablespace",
    "extension no_such_extension",
    "table public.places",
    "index places_spot on public.places",
    "constraint places_pkey on public.places",
    "view public.near",
    "tablespace fast",
  ]);
  expect(report.leftOut.find(({ kind }) => kind === "table")?.reason).toBe(
    'type "public.geometry" does not exist',
  );
});

test("rows that the table refuses are told without their values", async () => {
  const database = await createTestDatabase();
  const report = await restore(
    database,
    `CREATE TABLE public.users (id integer, note text CHECK (note::date > '2000-01-01'));
    COPY public.users FROM stdin;
1\tnot-a-secret-hash
\\.
    CREATE TABLE public.notes (id integer, note text CHECK (note::date > '2000-01-01'));
    INSERT INTO public.notes VALUES (1, '2020-01-01');
    INSERT INTO public.notes VALUES (2, 'another-secret');
    INSERT INTO public.notes VALUES (3, '1999-01-03');
    INSERT INTO public.notes VALUES (4, '2020-01-03');`,
    { url: database.url },
  );
  expect(report).toMatchObject({
    rows: 2,
    leftOut: [
      { kind: "rows", name: "public.users", reason: "invalid input syntax for type date" },
      { kind: "rows", name: "public.notes", reason: "invalid input syntax for type date" },
    ],
  });
});

test("however much is left out, nothing of it is forgotten: a gate decides on it", async () => {
  const database = await createTestDatabase();
  const servers = Array.from({ length: 2_100 }, (_, number) => `CREATE SERVER s${number};`).join("\n");
  const key =
    "ALTER TABLE ONLY public.users ADD CONSTRAINT users_tenant FOREIGN KEY (id) REFERENCES tenants;";
  const report = await restore(database, `${USERS}${servers}${key}`, { url: database.url });
  expect(report.leftOut).toHaveLength(2_101);
  expect(report.leftOut.at(-1)).toMatchObject({ kind: "constraint", name: "users_tenant on public.users" });
});

const POSTS = "CREATE TABLE public.posts (id integer, since date, name varchar(3));";

test.for([
  ["a date", "COPY public.posts FROM stdin;\n1\t2020-01-01\t\\N\n2\t2020-Q1-01\t\\N\n\\.\n", "line 2"],
  ["a number", "COPY public.posts FROM stdin;\n1x\t\\N\t\\N\n\\.\n", "line 1"],
  ["a length", "COPY public.posts FROM stdin;\n1\t\\N\tgrace\n\\.\n", "line 1"],
  ["text", Buffer.from("COPY public.posts FROM stdin;\n1\t\\N\t\xff\n\\.\n", "latin1"), "line 1"],
  ["a constant", "INSERT INTO public.posts VALUES (1, '2020-Q1-01', NULL);", "public.posts are damaged:"],
] as const)("rows with what is no value of their column are damage: %s", async ([, rows, words]) => {
  const database = await createTestDatabase();
  const dump = Buffer.concat([Buffer.from(USERS + POSTS), Buffer.from(rows)]);
  const refused = expect(restore(database, dump, { url: database.url })).rejects;
  await refused.toMatchObject({ code: "dump_invalid", message: expect.stringContaining(words) });
});

test("bytes that a database without an encoding took are no damage", async () => {
  const database = await createTestDatabase();
  const rows = "COPY public.posts FROM stdin;\n1\t\\N\t\xff\n\\.\n";
  const dump = Buffer.from(`${USERS}${POSTS}SET client_encoding = 'SQL_ASCII';\n${rows}`, "latin1");
  const report = await restore(database, dump, { url: database.url });
  expect(report).toMatchObject({ rows: 3, leftOut: [] });
});

test("rows of another major version that cannot be read say that this may be why", async () => {
  const database = await createTestDatabase();
  const sql = `-- Dumped from database version 9.6.24\n${POSTS}INSERT INTO public.posts VALUES (1, 'x', 'x');`;
  await expect(restore(database, sql, { url: database.url })).rejects.toMatchObject({
    code: "dump_invalid",
    fix: expect.stringContaining("rehearse on PostgreSQL 9"),
  });
});

test("a dump without its beginning is refused, also where another one's end is missing", async () => {
  const database = await createTestDatabase();
  const [begin, end] = ["-- PostgreSQL database dump\n", "-- PostgreSQL database dump complete\n"];
  for (const sql of [`${USERS}${end}`, `CREATE SCHEMA s;\n${end}${begin}CREATE SCHEMA t;`])
    await expect(restore(database, sql, { url: database.url })).rejects.toMatchObject({
      code: "dump_invalid",
      message: expect.stringContaining("its beginning was cut off"),
    });
});

test("rows that are no rows are damage, told with table and line", async () => {
  const database = await createTestDatabase();
  const sql = USERS.replace("2\tgrace", "2\tgrace\tx");
  await expect(restore(database, sql, { url: database.url })).rejects.toMatchObject({
    code: "dump_invalid",
    message: expect.stringMatching(/rows of public\.users, .*line 3.*are damaged in their line 2/),
  });
});

test("the schema alone has everything but rows", async () => {
  const database = await createTestDatabase();
  const report = await restore(
    database,
    `${USERS} INSERT INTO public.users VALUES (3, 'joan'); CREATE SEQUENCE public.s; SELECT pg_catalog.setval('public.s', 7, true);
    BEGIN; SELECT pg_catalog.lo_create('987654'); COMMIT;`,
    { url: database.url, part: "schema" },
  );
  expect(report).toMatchObject({ tables: 1, rows: 0, leftOut: [] });
  expect(await single(database, "SELECT last_value::int FROM public.s")).toBe(7);
  expect(await single(database, "SELECT count(*)::int FROM public.users")).toBe(0);
});

test("a transaction of the dump's own loses only the statement that fails", async () => {
  const database = await createTestDatabase();
  const report = await restore(
    database,
    `BEGIN; CREATE TABLE public.t (n integer); INSERT INTO public.t VALUES (1); CREATE TABLE public.u (x nowhere);
    COPY public.u FROM stdin;
1
\\.
    COPY public.t FROM stdin;
2
\\.
    SELECT pg_catalog.lo_create('4711'); SELECT pg_catalog.lo_open('4711', 131072);
    SELECT pg_catalog.lowrite(0, '\\x616461'); SELECT pg_catalog.lo_close(0); COMMIT;`,
    { url: database.url },
  );
  expect(report).toMatchObject({ tables: 1, rows: 2, leftOut: [{ kind: "table", name: "public.u" }] });
  expect(await single(database, "SELECT encode(lo_get(4711), 'escape')")).toBe("ada");
});

test("rows in another encoding arrive as they were", async () => {
  const database = await createTestDatabase();
  const sql = `SET client_encoding = 'LATIN1'; CREATE TABLE public."Größe" (name text);
COPY public."Größe" (name) FROM stdin;\nZoë\n\\.\nINSERT INTO public."Größe" VALUES ('é');\n`;
  expect(await restore(database, Buffer.from(sql, "latin1"), { url: database.url })).toMatchObject({
    rows: 2,
  });
  expect(await single(database, `SELECT string_agg(name, ',') FROM public."Größe"`)).toBe("Zoë,é");
});

test("functions that name others without a schema are found, as they are at home", async () => {
  const database = await createTestDatabase();
  const report = await restore(
    database,
    `SELECT pg_catalog.set_config('search_path', '', false);
    CREATE FUNCTION public.inner_one(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT lower($1)';
    CREATE FUNCTION public.outer_one(text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT inner_one($1)';
    CREATE TABLE public.users (name text, folded text GENERATED ALWAYS AS (public.outer_one(name)) STORED);
    COPY public.users (name) FROM stdin;
Ada
\\.
    INSERT INTO public.users (name) VALUES ('Grace');`,
    { url: database.url },
  );
  expect(report).toMatchObject({ tables: 1, rows: 2, leftOut: [] });
  expect(await single(database, "SELECT string_agg(folded, ',') FROM public.users")).toBe("ada,grace");
});

test("names without a schema go where the dump's own search_path leads", async () => {
  const database = await createTestDatabase();
  const report = await restore(
    database,
    `CREATE SCHEMA shop; SET search_path = shop, pg_catalog; CREATE TABLE users (id integer); CREATE TABLE public.users (id text);
    INSERT INTO users VALUES (1);
    COPY users (id) FROM stdin;
2
\\.
    `,
    { url: database.url },
  );
  expect(report).toMatchObject({ tables: 2, rows: 2, leftOut: [] });
  expect(await single(database, "SELECT sum(id)::int FROM shop.users")).toBe(3);
});

test("what pg_dump --clean drops first need not be there", async () => {
  const database = await createTestDatabase();
  const sql = `ALTER TABLE ONLY public.users DROP CONSTRAINT users_pkey; DROP TABLE public.users; DROP SCHEMA shop; CREATE SCHEMA public; ${USERS}`;
  expect(await restore(database, sql, { url: database.url })).toMatchObject({ tables: 1, leftOut: [] });
});

test("of several databases the one that is asked for is restored, and without that none", async () => {
  const dump = `CREATE ROLE app; ALTER ROLE app WITH SUPERUSER PASSWORD 'x';
CREATE DATABASE other; \n\\connect other\nCREATE TABLE public.other (n integer);\nCOPY public.other FROM stdin;\n1\n\\.
\\connect -reuse-previous=on "dbname='my app'"\n${USERS}`;
  const database = await createTestDatabase();
  expect(await restore(database, dump, { url: database.url, database: "my app" })).toMatchObject({
    tables: 1,
    rows: 2,
    leftOut: [],
  });
  const empty = await createTestDatabase();
  await expect(restore(empty, dump, { url: empty.url })).rejects.toMatchObject({
    code: "dump_invalid",
    message: expect.stringContaining("other, my app"),
  });
});

test("a dump of a newer server is refused before anything is made", async () => {
  const database = await createTestDatabase();
  const sql = `-- Dumped from database version ${serverMajor() + 1}.2 (Debian)\n${USERS}`;
  await expect(restore(database, sql, { url: database.url })).rejects.toMatchObject({
    code: "dump_invalid",
    message: expect.stringContaining(`of PostgreSQL ${serverMajor() + 1}, and the scratch server is`),
  });
  expect(await single(database, "SELECT count(*)::int FROM pg_tables WHERE schemaname = 'public'")).toBe(0);
});

test("a full disk ends the restore, and is told as that", async () => {
  const database = await createTestDatabase();
  const full = "DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;";
  await expect(restore(database, `${USERS}${full}`, { url: database.url })).rejects.toMatchObject({
    code: "dump_invalid",
    message: expect.stringContaining("disk is full (SQLSTATE 53100)"),
  });
});

test("whoever says stop is obeyed in the middle of a statement", async () => {
  const database = await createTestDatabase();
  const control = new AbortController();
  const running = restore(database, `${USERS} SELECT pg_catalog.pg_sleep(600);`, {
    url: database.url,
    signal: control.signal,
  });
  const sleeping =
    "SELECT count(*)::int FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()";
  const stopped = expect(running).rejects.toMatchObject({ code: "interrupted" });
  await expect.poll(() => single(database, sleeping)).toBe(1);
  control.abort();
  await stopped;
  await expect.poll(() => single(database, sleeping)).toBe(0);
});

test("what was restored belongs to the role it was restored as, which may log in", async () => {
  const database = await createTestDatabase();
  const login = newRestoreLogin();
  const report = await restore(database, USERS, { login });
  const client = await database.client(urlAs(database.superuserUrl, login));
  const { rows } = await client.query(
    "SELECT tableowner = current_user AS own FROM pg_tables WHERE tablename = 'users'",
  );
  expect(rows).toEqual([{ own: true }]);
  await dropAll(database, report);
});
