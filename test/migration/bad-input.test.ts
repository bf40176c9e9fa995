import { describe, expect, test } from "vitest";
import type { ConfigurationInput } from "../../src/config/schema.ts";
import { down } from "../../src/migration/down.ts";
import { status } from "../../src/migration/status.ts";
import { up } from "../../src/migration/up.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { observe } from "../support/round-trip.ts";

describe("a connection that cannot be had", () => {
  test.each([
    [
      "postgres://app@127.0.0.1:1/app",
      "database_unreachable",
      /^No PostgreSQL answers at app@127.0.0.1:1\/app/,
    ],
    ["mysql://app@127.0.0.1/app", "configuration_invalid", /^The database URL is not a postgres:\/\/ URL/],
  ])("%s", async (databaseUrl, code, message) => {
    await expect(up({ databaseUrl })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  test("a wrong password and a missing database are told apart, and no password is shown", async () => {
    const database = await createTestDatabase();
    const wrong = new URL(database.url);
    wrong.password = "not-this-one";
    await expect(status({ databaseUrl: wrong.href })).rejects.toMatchObject({
      code: "database_authentication_failed",
      message: expect.not.stringContaining("not-this-one"),
    });
    const missing = new URL(database.url);
    missing.pathname = "/no_such_database";
    await expect(status({ databaseUrl: missing.href })).rejects.toMatchObject({
      code: "database_missing",
      message: expect.stringContaining("/no_such_database"),
    });
  });
});

describe("a name that leads to no table, or to several", () => {
  test.each([
    ["user", "table_not_found", /Did you mean public\.users/],
    ["shop.users", "table_not_found", /Did you mean public\.users/],
    ["nothing_like_it_at_all", "table_not_found", /--table/],
    ["a.b.c.d", "table_not_found", /Write it as/],
  ])("%s: %s", async (table, code, fix) => {
    const database = await createTestDatabase({ sample: "a" });
    for (const run of [up, down, status]) {
      await expect(run({ databaseUrl: database.url, configuration: { table } })).rejects.toMatchObject({
        code,
        fix: expect.stringMatching(fix),
      });
    }
  });

  test("on the search path first, folded as PostgreSQL folds, and ambiguous when neither tells", async () => {
    const database = await createTestDatabase({ sample: "a" });
    await database.query(
      "CREATE SCHEMA one; CREATE SCHEMA two; CREATE TABLE one.users (); CREATE TABLE one.crew (); CREATE TABLE two.crew ()",
    );
    const found = async (table: string, databaseUrl = database.url) =>
      (await status({ databaseUrl, configuration: { table } })).table;
    expect(await found("users")).toBe("public.users");
    expect(await found("USERS")).toBe("public.users");
    expect(await found('"one"."users"')).toBe("one.users");
    await expect(found("crew")).rejects.toMatchObject({
      code: "table_ambiguous",
      message: 'Several tables are called crew: "one"."crew", "two"."crew".',
    });
    const elsewhere = new URL(database.url);
    elsewhere.searchParams.set("options", "-c search_path=two,one");
    expect(await found("crew", elsewhere.href)).toBe("two.crew");
    expect(await found("users", elsewhere.href)).toBe("one.users");
  });

  test("a users table called accounts, or sessions, is not confused with the graft's", async () => {
    const database = await createTestDatabase();
    for (const table of ["accounts", "sessions"]) {
      await database.query(
        `CREATE TABLE ${table} (id serial PRIMARY KEY, username text UNIQUE NOT NULL); INSERT INTO ${table} (username) VALUES ('ada')`,
      );
      const options = { databaseUrl: database.url, configuration: { table } };
      expect((await up(options)).state).toBe("applied");
      expect(await up(options)).toMatchObject({ state: "applied", steps: [] });
      await database.query(`UPDATE ${table} SET is_admin = true`);
      expect(await down({ ...options, archive: true })).toMatchObject({ state: "pending" });
      expect(await up({ ...options, restore: true })).toMatchObject({
        restored: { users: 1, complete: true },
      });
      await down({ ...options, discardData: true });
    }
  });
});

/** What `up` refuses of its own: what stands, the code, and the words that the message has. */
const REFUSED: readonly (readonly [
  sql: string,
  code: string,
  words: RegExp,
  configuration?: ConfigurationInput,
])[] = [
  ["CREATE VIEW crew AS SELECT * FROM users", "not_a_table", /is a view/, { table: "crew" }],
  [
    "CREATE TABLE crew (a int, b int, PRIMARY KEY (a, b))",
    "primary_key_composite",
    /a, b/,
    { table: "crew" },
  ],
  ["CREATE TABLE crew (id int)", "primary_key_missing", /no primary key/, { table: "crew" }],
  ["CREATE SCHEMA authgraft CREATE TABLE theirs ()", "schema_taken", /theirs/],
  [
    "CREATE SCHEMA authgraft; CREATE FUNCTION authgraft.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "schema_taken",
    /function authgraft\.f\(\)/,
  ],
  ["CREATE SCHEMA authgraft; CREATE TYPE authgraft.t AS ENUM ('a')", "schema_taken", /type authgraft\.t/],
  ["CREATE SCHEMA authgraft; CREATE SEQUENCE authgraft.s", "schema_taken", /sequence authgraft\.s/],
  ["CREATE SCHEMA authgraft CREATE TABLE accounts ()", "schema_taken", /accounts/],
];

const GOOD = {
  id: "id bigserial PRIMARY KEY",
  user: "user_id integer REFERENCES users ON UPDATE CASCADE ON DELETE SET NULL",
  jti: "jti varchar(255) UNIQUE NOT NULL",
  revoked: "revoked_at timestamptz NOT NULL DEFAULT now()",
  expires: "expires_at timestamptz NOT NULL",
};

/** Each way in which an application's own `revoked_tokens` does not fit. */
const UNFIT: readonly (readonly [change: Partial<typeof GOOD> & { more?: string }, words: RegExp])[] = [
  [{ user: "other integer" }, /there is no column "user_id"/],
  [
    { user: "user_id bigint REFERENCES users ON UPDATE CASCADE ON DELETE SET NULL" },
    /"user_id" is bigint where integer is needed/,
  ],
  [{ user: "user_id integer" }, /"user_id" has no foreign key/],
  [
    { user: "user_id integer REFERENCES users ON UPDATE CASCADE ON DELETE CASCADE" },
    /"user_id" has no foreign key/,
  ],
  [{ user: `${GOOD.user} NOT NULL` }, /"user_id" is NOT NULL/],
  [{ jti: "jti uuid UNIQUE NOT NULL" }, /"jti" is uuid/],
  [{ jti: "jti varchar(255) NOT NULL" }, /"jti" is not unique/],
  [{ jti: "jti varchar(255) NOT NULL", more: "UNIQUE (jti, id)" }, /"jti" is not unique/],
  [{ revoked: "revoked_at timestamptz NOT NULL" }, /"revoked_at" has no default/],
  [{ expires: "expires_at timestamp NOT NULL" }, /"expires_at" is timestamp without time zone/],
  [{ expires: "until timestamptz" }, /there is no column "expires_at"/],
  [{ id: "id bigint PRIMARY KEY" }, /"id" is NOT NULL without a default/],
  [{ more: "reason text NOT NULL" }, /"reason" is NOT NULL without a default/],
];

describe("up refuses by name and reason, and changes nothing", () => {
  test.for(REFUSED)("%s: %s", async ([sql, code, words, configuration = {}]) => {
    const database = await createTestDatabase({ sample: "a" });
    await database.query(sql);
    const observer = await observe(database);
    const before = await observer.whole();
    const { state, steps, refusals } = await up({ databaseUrl: database.url, configuration });
    expect({ state, steps }).toEqual({ state: "refused", steps: [] });
    expect(refusals).toContainEqual(expect.objectContaining({ code, message: expect.stringMatching(words) }));
    expect(await observer.whole()).toEqual(before);
  });

  test("a revoked_tokens that does not fit, in every way", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const observer = await observe(database);
    for (const [change, words] of UNFIT) {
      await database.query(
        `CREATE TABLE revoked_tokens (${Object.values({ ...GOOD, ...change }).join(", ")})`,
      );
      const before = await observer.whole();
      const { state, refusals } = await up({ databaseUrl: database.url });
      expect(state, String(words)).toBe("refused");
      expect(refusals).toEqual([
        expect.objectContaining({
          code: "revoked_tokens_unfit",
          object: "public.revoked_tokens",
          message: expect.stringMatching(words),
        }),
      ]);
      expect(await observer.whole()).toEqual(before);
      await database.query("DROP TABLE revoked_tokens");
    }
    await database.query("CREATE VIEW revoked_tokens AS SELECT 1 AS jti");
    expect((await up({ databaseUrl: database.url })).refusals[0]?.message).toMatch(/it is not a plain table/);
  });

  test("a second graft of the same users table, in another schema", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const { state, refusals } = await up({ databaseUrl: database.url, configuration: { schema: "second" } });
    expect(state).toBe("refused");
    expect(refusals[0]?.message).toMatch(
      /it belongs to the graft in the schema authgraft, and a users table has one/,
    );
    expect(await down({ databaseUrl: database.url })).toMatchObject({ state: "pending", refusals: [] });
  });

  test("a graft that was changed since: the type of a column, a table, a trigger", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    for (const [change, back, code] of [
      [
        "ALTER TABLE users ALTER COLUMN email TYPE text",
        "ALTER TABLE users ALTER COLUMN email TYPE varchar(255)",
        "graft_column_changed",
      ],
      [
        "ALTER TABLE authgraft.accounts ALTER COLUMN verified_email TYPE text",
        "ALTER TABLE authgraft.accounts ALTER COLUMN verified_email TYPE varchar(255)",
        "graft_table_changed",
      ],
      [
        "ALTER TABLE revoked_tokens DROP CONSTRAINT revoked_tokens_jti_key",
        "ALTER TABLE revoked_tokens ADD UNIQUE (jti)",
        "graft_table_changed",
      ],
      [
        "DROP INDEX authgraft.sessions_user_id_idx",
        "CREATE INDEX sessions_user_id_idx ON authgraft.sessions (user_id)",
        "graft_table_changed",
      ],
    ] as const) {
      await database.query(change);
      for (const run of [up, down]) {
        const { state, refusals } = await run({ databaseUrl: database.url });
        expect(state, change).toBe("refused");
        expect(
          refusals.map((finding) => finding.code),
          change,
        ).toContain(code);
      }
      await database.query(back);
    }
    expect(await down({ databaseUrl: database.url })).toMatchObject({ state: "pending", refusals: [] });
  });
});

test("a role that is not the owner: refused with the GRANTs, and with them it works, for the owner too", async () => {
  const database = await createTestDatabase({ sample: "b" });
  const migrator = await database.createRole("migrator");
  const options = { databaseUrl: database.urlFor(migrator) };
  const observer = await observe(database);
  const before = await observer.whole();
  const superuser = await database.client(database.superuserUrl);
  const granted: string[] = [];
  for (;;) {
    const { state, refusals } = await up(options);
    if (state !== "refused") break;
    expect(refusals[0]?.fix).toMatch(/^GRANT /);
    expect(granted).not.toContain(refusals[0]?.fix);
    granted.push(refusals[0]?.fix ?? "");
    await superuser.query(refusals[0]?.fix ?? "");
  }
  expect(granted.length).toBeGreaterThan(0);
  const { rows } = await superuser.query(
    "SELECT DISTINCT relowner::regrole::text AS owner FROM pg_class WHERE relnamespace = 'authgraft'::regnamespace OR relname = 'revoked_tokens'",
  );
  expect(rows).toEqual([{ owner: "app_owner" }]);
  await database.query("DELETE FROM users WHERE username = (SELECT min(username) FROM users)");
  expect(await down(options)).toMatchObject({ state: "pending", refusals: [] });
  const after = await observer.whole();
  expect({ ...after.schema, schemas: [] }).toEqual({ ...before.schema, schemas: [] });
  await superuser.query(`DROP OWNED BY "${migrator.name}"`);
});
