import { beforeAll, describe, expect, test } from "vitest";
import type { Finding } from "../../../src/migration/finding.ts";
import { graft } from "../../support/graft.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";
import { findingsOf } from "./support.ts";

/** A function as it is found, and as its fix tells to write it. */
interface Example {
  readonly title: string;
  readonly code: string;
  /** Called `broken` here; `fixed` is the same function after the fix. */
  readonly broken: string;
  readonly fixed: string;
  readonly signature?: string;
  readonly call: string;
  /** What PostgreSQL says after the change. */
  readonly fails: RegExp;
}

const QUALIFIED = "id, username, created_at";

/** `@` stands for the function's name. */
const EXAMPLES: readonly Example[] = [
  {
    title: "RETURNS TABLE over SELECT *",
    code: "function_row_shape",
    broken:
      "FUNCTION @() RETURNS TABLE (a int, b varchar, c timestamptz) LANGUAGE sql AS 'SELECT * FROM users'",
    fixed: `FUNCTION @() RETURNS TABLE (a int, b varchar, c timestamptz) LANGUAGE sql AS 'SELECT ${QUALIFIED} FROM users'`,
    call: "SELECT * FROM @()",
    fails: /return type mismatch/,
  },
  {
    title: "RETURN QUERY SELECT * in PL/pgSQL",
    code: "function_row_shape",
    broken: `FUNCTION @() RETURNS TABLE (a int, b varchar, c timestamptz) LANGUAGE plpgsql AS
      $$BEGIN RETURN QUERY SELECT u.* FROM public.users u; END$$`,
    fixed: `FUNCTION @() RETURNS TABLE (a int, b varchar, c timestamptz) LANGUAGE plpgsql AS
      $$BEGIN RETURN QUERY SELECT ${QUALIFIED} FROM public.users u; END$$`,
    call: "SELECT * FROM @()",
    fails: /structure of query does not match/,
  },
  {
    title: "RETURNS SETOF users with the columns listed",
    code: "function_row_shape",
    broken: `FUNCTION @() RETURNS SETOF users LANGUAGE sql AS 'SELECT ${QUALIFIED} FROM users'`,
    fixed: "FUNCTION @() RETURNS SETOF users LANGUAGE sql AS 'SELECT * FROM users'",
    call: "SELECT * FROM @()",
    fails: /return type mismatch/,
  },
  {
    title: "RETURNS SETOF users in a body that was parsed",
    code: "function_row_shape",
    broken: "FUNCTION @() RETURNS SETOF users BEGIN ATOMIC SELECT * FROM users; END",
    fixed: "FUNCTION @() RETURNS SETOF users LANGUAGE sql AS 'SELECT * FROM users'",
    call: "SELECT * FROM @()",
    fails: /return type mismatch/,
  },
  {
    title: "a row value cast to the table's type",
    code: "function_row_shape",
    broken: "FUNCTION @() RETURNS text LANGUAGE sql AS $$SELECT (ROW(1, 'ada', now())::users)::text$$",
    fixed: "FUNCTION @() RETURNS text LANGUAGE sql AS $$SELECT ROW(1, 'ada', now())::text$$",
    call: "SELECT @()",
    fails: /cannot cast type record/,
  },
  {
    title: "UNION with a table of the old columns",
    code: "function_select_star",
    broken:
      "FUNCTION @() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM (SELECT * FROM users UNION ALL SELECT * FROM old_users) x'",
    fixed: `FUNCTION @() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM (SELECT ${QUALIFIED} FROM users UNION ALL SELECT * FROM old_users) x'`,
    call: "SELECT @()",
    fails: /each UNION query must have the same number of columns/,
  },
  {
    title: "INSERT … SELECT * into an archive",
    code: "function_select_star",
    broken:
      "FUNCTION @() RETURNS void LANGUAGE sql AS 'INSERT INTO old_users SELECT * FROM users WHERE id = 1'",
    fixed: `FUNCTION @() RETURNS void LANGUAGE sql AS 'INSERT INTO old_users SELECT ${QUALIFIED} FROM users WHERE id = 1'`,
    call: "SELECT @()",
    fails: /INSERT has more expressions than target columns/,
  },
  {
    title: "moving rows to an archive in one statement",
    code: "function_select_star",
    broken: `FUNCTION @() RETURNS void LANGUAGE plpgsql AS $$BEGIN
      WITH gone AS (DELETE FROM users WHERE username = 'nobody' RETURNING *) INSERT INTO old_users SELECT * FROM gone; END$$`,
    fixed: `FUNCTION @() RETURNS void LANGUAGE plpgsql AS $$BEGIN
      WITH gone AS (DELETE FROM users WHERE username = 'nobody' RETURNING ${QUALIFIED}) INSERT INTO old_users SELECT * FROM gone; END$$`,
    call: "SELECT @()",
    fails: /INSERT has more expressions than target columns/,
  },
  {
    title: "the same in a text that is executed",
    code: "function_select_star",
    broken: `FUNCTION @() RETURNS void LANGUAGE plpgsql AS
      $$BEGIN EXECUTE 'INSERT INTO old_users SELECT * FROM users WHERE id = $1' USING 1; END$$`,
    fixed: `FUNCTION @() RETURNS void LANGUAGE plpgsql AS
      $$BEGIN EXECUTE 'INSERT INTO old_users SELECT ${QUALIFIED} FROM users WHERE id = $1' USING 1; END$$`,
    call: "SELECT @()",
    fails: /INSERT has more expressions than target columns/,
  },
  {
    title: "inserting a row variable",
    code: "function_inserts_row",
    broken: `FUNCTION @() RETURNS void LANGUAGE plpgsql AS $$DECLARE r users%ROWTYPE; BEGIN
      r.id := 800001; r.username := 'row variable'; r.created_at := now(); INSERT INTO users VALUES (r.*); DELETE FROM users WHERE id = r.id; END$$`,
    fixed: `FUNCTION @() RETURNS void LANGUAGE plpgsql AS $$DECLARE r users%ROWTYPE; BEGIN
      r.id := 800001; r.username := 'row variable'; r.created_at := now();
      INSERT INTO users (${QUALIFIED}) SELECT r.id, r.username, r.created_at; DELETE FROM users WHERE id = r.id; END$$`,
    call: "SELECT @()",
    fails: /null value in column "is_admin"/,
  },
  {
    title: "inserting a row made of JSON",
    code: "function_inserts_row",
    broken: `FUNCTION @() RETURNS void LANGUAGE sql AS $$
      INSERT INTO users SELECT * FROM jsonb_populate_record(NULL::users, '{"id": 800002, "username": "json", "created_at": "2026-01-01"}');
      DELETE FROM users WHERE id = 800002$$`,
    fixed: `FUNCTION @() RETURNS void LANGUAGE sql AS $$
      INSERT INTO users (${QUALIFIED}) SELECT ${QUALIFIED} FROM jsonb_populate_record(NULL::users, '{"id": 800002, "username": "json", "created_at": "2026-01-01"}');
      DELETE FROM users WHERE id = 800002$$`,
    call: "SELECT @()",
    fails: /null value in column "is_admin"/,
  },
  {
    title: "COPY FROM without columns",
    code: "function_copy_whole",
    broken: `FUNCTION @() RETURNS void LANGUAGE plpgsql AS $$BEGIN COPY users FROM PROGRAM 'printf "800003\\tcopied\\t2026-01-01\\n"';
      DELETE FROM users WHERE id = 800003; END$$`,
    fixed: `FUNCTION @() RETURNS void LANGUAGE plpgsql AS $$BEGIN COPY users (${QUALIFIED}) FROM PROGRAM 'printf "800003\\tcopied\\t2026-01-01\\n"';
      DELETE FROM users WHERE id = 800003; END$$`,
    call: "SELECT @()",
    fails: /missing data for column "email"/,
  },
  {
    title: "a column of a table beside it, without its name",
    code: "function_column_name",
    broken:
      "FUNCTION @() RETURNS SETOF text LANGUAGE sql AS 'SELECT email FROM users u JOIN contacts c ON c.user_id = u.id'",
    fixed:
      "FUNCTION @() RETURNS SETOF text LANGUAGE sql AS 'SELECT c.email FROM users u JOIN contacts c ON c.user_id = u.id'",
    call: "SELECT * FROM @()",
    fails: /column reference "email" is ambiguous/,
  },
  {
    title: "a variable of the new column's name",
    code: "function_column_name",
    broken: `FUNCTION @() RETURNS int LANGUAGE plpgsql AS $$DECLARE email text := 'x'; found_id int; BEGIN
      SELECT id INTO found_id FROM users WHERE username = email; RETURN found_id; END$$`,
    fixed: `FUNCTION @() RETURNS int LANGUAGE plpgsql AS $$<<f>> DECLARE email text := 'x'; found_id int; BEGIN
      SELECT id INTO found_id FROM users WHERE username = f.email; RETURN found_id; END$$`,
    call: "SELECT @()",
    fails: /column reference "email" is ambiguous/,
  },
  {
    title: "TRUNCATE",
    code: "truncate_revives_tokens",
    broken: "FUNCTION @() RETURNS void LANGUAGE sql AS 'TRUNCATE TABLE sessions, public.users'",
    fixed: "FUNCTION @() RETURNS void LANGUAGE sql AS 'DELETE FROM public.users WHERE false'",
    call: "SELECT @()",
    fails: /cannot truncate a table referenced in a foreign key/,
  },
];

const name = (index: number, kind: "broken" | "fixed") => `example_${index}_${kind}`;

describe("functions that the change breaks", () => {
  let database: TestDatabase;
  let findings: readonly Finding[];

  beforeAll(async () => {
    database = await createTestDatabase({ sample: "a" });
    const client = await database.client(database.superuserUrl);
    await client.query(`CREATE TABLE old_users AS SELECT * FROM users WITH NO DATA;
      CREATE TABLE contacts (user_id integer, email text)`);
    for (const [index, example] of EXAMPLES.entries()) {
      await client.query(`CREATE ${example.broken.replaceAll("@", name(index, "broken"))}`);
      await client.query(`CREATE ${example.fixed.replaceAll("@", name(index, "fixed"))}`);
    }
    findings = await findingsOf(database);
    for (const [index, example] of EXAMPLES.entries()) {
      if (example.code === "truncate_revives_tokens") continue;
      await client.query(example.call.replaceAll("@", name(index, "broken")));
    }
    await graft(database);
  });

  test.for(EXAMPLES.map((example, index) => [example.title, index, example] as const))(
    "%s is found, fails as foretold, and works as its fix says",
    async ([, index, { code, call, fails }]) => {
      const found = findings.filter(({ object }) => object === `public.${name(index, "broken")}()`);
      expect(found.map((finding) => finding.code)).toContain(code);
      expect(found.every(({ severity }) => severity === "warning")).toBe(true);
      const again = findings.filter(({ object }) => object === `public.${name(index, "fixed")}()`);
      expect(again.map((finding) => finding.code)).not.toContain(code);

      const client = await database.client(database.superuserUrl);
      await expect(client.query(call.replaceAll("@", name(index, "broken")))).rejects.toThrow(fails);
      await client.query(call.replaceAll("@", name(index, "fixed")));
      await client.end();
    },
  );

  test("what is over once the columns stand is not said again", async () => {
    const codes = new Set((await findingsOf(database)).map(({ code }) => code));
    expect(codes).toContain("truncate_revives_tokens");
    for (const { code } of EXAMPLES) if (code.startsWith("function_")) expect(codes).not.toContain(code);
  });
});

describe("functions that change their meaning without a word", () => {
  test("a subquery that meant another table's email means the new column", async () => {
    const database = await createTestDatabase({ sample: "a" });
    await database.query(`CREATE TABLE contacts (user_id integer, email text);
      INSERT INTO contacts SELECT id, 'ada@example.com' FROM users ORDER BY id LIMIT 1;
      CREATE FUNCTION reached() RETURNS bigint LANGUAGE sql AS $$SELECT count(*) FROM contacts c
        WHERE EXISTS (SELECT 1 FROM users u WHERE u.id = c.user_id AND email = 'ada@example.com')$$;
      CREATE FUNCTION joined() RETURNS bigint LANGUAGE sql AS $$SELECT count(*) FROM users
        NATURAL JOIN (SELECT user_id AS id, email FROM contacts) c$$`);
    const count = async (fn: string) =>
      (await database.query<{ count: string }>(`SELECT ${fn}() AS count`)).rows[0]?.count;
    const found = (await findingsOf(database)).filter(({ code }) => code === "function_column_name");
    expect(found.map(({ object }) => object)).toEqual(["public.joined()", "public.reached()"]);
    expect([await count("reached"), await count("joined")]).toEqual(["1", "1"]);
    await graft(database);
    expect([await count("reached"), await count("joined")]).toEqual(["0", "0"]);
  });

  test("history triggers fail, or write the hash where it does not belong", async () => {
    const database = await createTestDatabase({ sample: "a" });
    await database.query(`CREATE TABLE narrow AS SELECT * FROM users WITH NO DATA;
      CREATE TABLE wide AS SELECT * FROM users WITH NO DATA;
      ALTER TABLE wide ADD a text, ADD b text, ADD c text;
      CREATE FUNCTION keep_narrow() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO narrow SELECT OLD.*; RETURN NEW; END$$;
      CREATE FUNCTION keep_wide() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN INSERT INTO wide VALUES ((OLD).*); RETURN NEW; END$$;
      CREATE FUNCTION keep_named() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
        INSERT INTO narrow (id, username, created_at) SELECT OLD.id, OLD.username, OLD.created_at; RETURN NEW; END$$;
      CREATE TRIGGER a AFTER UPDATE ON users FOR EACH ROW WHEN (NEW.username = 'narrow') EXECUTE FUNCTION keep_narrow();
      CREATE TRIGGER b AFTER UPDATE ON users FOR EACH ROW WHEN (NEW.username = 'wide') EXECUTE FUNCTION keep_wide();
      CREATE TRIGGER c AFTER UPDATE ON users FOR EACH ROW WHEN (NEW.username = 'named') EXECUTE FUNCTION keep_named()`);
    const found = (await findingsOf(database)).filter(({ code }) => code === "history_trigger_star");
    expect(found.map(({ object }) => object)).toEqual(["public.keep_narrow()", "public.keep_wide()"]);
    expect(found[0]?.fix).toContain("OLD.id, OLD.username, OLD.created_at instead of OLD.*");

    await graft(database);
    await database.query("UPDATE users SET password_hash = 'the hash'");
    const rename = (to: string) =>
      database.query("UPDATE users SET username = $1 WHERE id = (SELECT min(id) FROM users)", [to]);
    await expect(rename("narrow")).rejects.toThrow("INSERT has more expressions than target columns");
    await rename("named");
    await rename("wide");
    const { rows } = await database.query("SELECT a, b FROM wide");
    expect(rows).toEqual([{ a: null, b: "the hash" }]);
  });
});

describe("functions and views that hand the hash out", () => {
  test("audit triggers that keep whole rows", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const superuser = await database.client(database.superuserUrl);
    await superuser.query("CREATE EXTENSION hstore");
    const keep = (fn: string, kept: string) => `
      CREATE FUNCTION ${fn}() RETURNS trigger LANGUAGE plpgsql AS
        $$BEGIN INSERT INTO audit VALUES ('${fn}', ${kept}); RETURN NEW; END$$;
      CREATE TRIGGER ${fn} AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION ${fn}();`;
    await database.query(`CREATE TABLE audit (fn text, row text);
      ${keep("keep_jsonb", "to_jsonb(NEW)::text")} ${keep("keep_json", "row_to_json(OLD.*)::text")} ${keep("keep_hstore", "hstore(NEW)::text")}
      ${keep("keep_clean", "(to_jsonb(NEW) - 'password_hash'::text)::text")}`);
    const ask = async () =>
      (await findingsOf(database))
        .filter(({ code }) => code === "audit_keeps_hash")
        .map(({ object }) => object);
    const all = ["public.keep_hstore()", "public.keep_json()", "public.keep_jsonb()"];
    expect(await ask()).toEqual(all);
    await graft(database);
    expect(await ask()).toEqual(all);
    await database.query(
      "UPDATE users SET password_hash = 'the hash' WHERE id = (SELECT min(id) FROM users)",
    );
    const { rows } = await database.query<{ fn: string }>(
      "SELECT fn FROM audit WHERE row LIKE '%the hash%' ORDER BY 1",
    );
    expect(rows.map(({ fn }) => fn)).toEqual(["keep_hstore", "keep_jsonb"]);
  });

  test("functions and views that give whole rows to those who may not read the table", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const role = await database.createRole("stranger");
    await database.query(`
      CREATE FUNCTION rows_of() RETURNS SETOF users SECURITY DEFINER LANGUAGE sql AS 'SELECT * FROM public.users';
      CREATE FUNCTION json_of() RETURNS SETOF jsonb SECURITY DEFINER LANGUAGE sql AS 'SELECT to_jsonb(u) FROM public.users u';
      CREATE FUNCTION clean_of() RETURNS SETOF jsonb SECURITY DEFINER LANGUAGE sql AS
        $$SELECT to_jsonb(u) - 'password_hash' FROM public.users u$$;
      CREATE FUNCTION own_of() RETURNS SETOF users LANGUAGE sql AS 'SELECT * FROM public.users';
      CREATE VIEW whole AS SELECT to_jsonb(u) AS row FROM users u;
      CREATE VIEW starred AS SELECT * FROM users;
      GRANT SELECT ON whole, starred TO "${role.name}"`);
    const found = (await findingsOf(database)).filter(({ code }) =>
      ["function_returns_hash", "view_shows_hash"].includes(code),
    );
    expect(found.map(({ code, object }) => `${code} ${object}`)).toEqual([
      "function_returns_hash public.json_of()",
      "function_returns_hash public.rows_of()",
      "view_shows_hash public.whole",
    ]);

    await graft(database);
    await database.query("UPDATE users SET password_hash = 'the hash'");
    const stranger = await database.client(database.urlFor(role));
    const reads = async (sql: string) =>
      JSON.stringify((await stranger.query(sql)).rows).includes("the hash");
    expect(await reads("SELECT * FROM rows_of()")).toBe(true);
    expect(await reads("SELECT * FROM json_of()")).toBe(true);
    expect(await reads("SELECT * FROM whole")).toBe(true);
    expect(await reads("SELECT * FROM clean_of()")).toBe(false);
    expect(await reads("SELECT * FROM starred")).toBe(false);
    await expect(reads("SELECT * FROM own_of()")).rejects.toThrow("permission denied");
  });
});

describe("functions that nothing is said of", () => {
  test("columns by name, other tables' stars, words in comments and texts, names that are qualified", async () => {
    const database = await createTestDatabase({ sample: "a" });
    await database.query(`CREATE TABLE contacts (user_id integer, email text, is_admin boolean);
      CREATE FUNCTION f1() RETURNS SETOF users LANGUAGE sql AS 'SELECT * FROM users';
      CREATE FUNCTION f2() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM users';
      CREATE FUNCTION f3() RETURNS void LANGUAGE sql AS
        $$INSERT INTO contacts (user_id, email) SELECT u.id, u.username AS email FROM users u$$;
      CREATE FUNCTION f4() RETURNS void LANGUAGE sql AS
        $$UPDATE contacts c SET email = u.username, is_admin = c.is_admin FROM users u WHERE u.id = c.user_id$$;
      CREATE FUNCTION f5() RETURNS text LANGUAGE plpgsql AS $$
        -- SELECT * FROM users UNION SELECT * FROM contacts
        DECLARE email text; BEGIN
          SELECT username INTO email FROM users LIMIT 1;
          RAISE NOTICE 'every column of users: * and email';
          RETURN email; END$$;
      CREATE FUNCTION f6() RETURNS int LANGUAGE plpgsql AS $$
        DECLARE r record; n int := 0; BEGIN
          FOR r IN SELECT * FROM users LOOP INSERT INTO contacts (user_id) VALUES (r.id); n := n + 1; END LOOP;
          RETURN n; END$$;
      CREATE FUNCTION f7() RETURNS void LANGUAGE sql AS
        $$INSERT INTO contacts SELECT id, 'x', false FROM users WHERE EXISTS (SELECT * FROM users)$$;
      CREATE FUNCTION f8() RETURNS trigger LANGUAGE plpgsql AS
        $$BEGIN IF OLD.* IS DISTINCT FROM NEW.* THEN INSERT INTO contacts (user_id) VALUES (NEW.id); END IF; RETURN NEW; END$$;
      CREATE TRIGGER t AFTER UPDATE ON users FOR EACH ROW EXECUTE FUNCTION f8()`);
    const codes = (await findingsOf(database)).filter(({ object }) => /^public\.f\d/.test(object));
    expect(codes).toEqual([]);
  });
});
