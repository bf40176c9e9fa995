import { execFile, spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { type DumpStyle, dumpSample } from "../../src/embedded/samples/dump.ts";
import { loadSample } from "../../src/embedded/samples/load.ts";
import { makeSample } from "../../src/embedded/samples/sample.ts";
import type { SampleName } from "../../src/embedded/samples/shape.ts";
import { createTestDatabase, serverMajor, type TestDatabase } from "../support/postgres.ts";

const SAMPLES: readonly SampleName[] = ["a", "b"];
const USERS = { users: 300 };

/** Every row of every table and every sequence, as text. */
async function contents(database: TestDatabase, sample: SampleName): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  const { tables, sequences } = makeSample(sample, { users: 0 });
  for (const { name } of tables) {
    const { rows } = await database.query(`SELECT t::text AS row FROM public.${name} t ORDER BY 1`);
    found[name] = rows;
  }
  for (const { name } of sequences) {
    found[name] = (await database.query(`SELECT last_value, is_called FROM public.${name}`)).rows;
  }
  return found;
}

/** Columns, constraints and indexes, as PostgreSQL describes them. */
async function schema(database: TestDatabase): Promise<unknown> {
  const { rows } = await database.query(`
    SELECT c.relname, c.relkind::text, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod) AS type,
           a.attnotnull, pg_get_expr(d.adbin, d.adrelid) AS fallback, pg_get_indexdef(c.oid) AS index
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1, 3`);
  const constraints = await database.query(`
    SELECT conname, conrelid::regclass::text AS relation, pg_get_constraintdef(oid) AS definition
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2`);
  return { relations: rows, constraints: constraints.rows };
}

async function psql(database: TestDatabase, input: Iterable<string>): Promise<void> {
  const args = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", database.url];
  const child = spawn("psql", args, { stdio: ["pipe", "ignore", "pipe"] });
  const problems = text(child.stderr);
  for (const piece of input) child.stdin.write(piece);
  child.stdin.end();
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect(`${code}: ${await problems}`).toBe("0: ");
}

/** The major version of a client program of PostgreSQL; 0 where the machine has none. */
async function clientMajor(program: string): Promise<number> {
  const { stdout } = await promisify(execFile)(program, ["--version"]).catch(() => ({ stdout: "" }));
  return Number(/\) (\d+)/.exec(stdout)?.[1] ?? 0);
}

describe("the users tables before Authgraft", () => {
  test("A's: an integer key, a unique username and a moment, and nothing else", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const { rows } = await database.query(
      `SELECT column_name, data_type, character_maximum_length AS length, is_nullable, column_default
       FROM information_schema.columns WHERE table_name = 'users' ORDER BY ordinal_position`,
    );
    expect(rows.map((row) => Object.values(row))).toEqual([
      ["id", "integer", null, "NO", "nextval('users_id_seq'::regclass)"],
      ["username", "character varying", 50, "NO", null],
      ["created_at", "timestamp with time zone", null, "NO", null],
    ]);
  });

  test("B's: a uuid key, unique email and username, a provider pair that is indexed and not unique", async () => {
    const database = await createTestDatabase({ sample: "b" });
    const { rows } = await database.query(
      `SELECT column_name, data_type, character_maximum_length AS length, is_nullable, column_default
       FROM information_schema.columns WHERE table_name = 'users' ORDER BY ordinal_position`,
    );
    expect(rows.map((row) => Object.values(row))).toEqual([
      ["id", "uuid", null, "NO", "gen_random_uuid()"],
      ["username", "character varying", 30, "NO", null],
      ["display_name", "character varying", 50, "NO", null],
      ["email", "character varying", 255, "NO", null],
      ["auth_provider", "character varying", 20, "NO", null],
      ["auth_provider_id", "character varying", 255, "NO", null],
      ["avatar_url", "text", null, "YES", null],
      ["bio", "character varying", 500, "YES", null],
      ["role", "character varying", 20, "YES", "'user'::character varying"],
      ["created_at", "timestamp with time zone", null, "YES", "now()"],
      ["updated_at", "timestamp with time zone", null, "YES", "now()"],
    ]);
    const indexes = await database.query(
      "SELECT indexname, indexdef LIKE '%UNIQUE%' AS is_unique FROM pg_indexes WHERE tablename = 'users' ORDER BY 1",
    );
    expect(indexes.rows.map((row) => Object.values(row))).toEqual([
      ["idx_users_auth_provider", false],
      ["users_email_key", true],
      ["users_pkey", true],
      ["users_username_key", true],
    ]);
  });

  test("each has its migration tool's version table", async () => {
    const a = await createTestDatabase({ sample: "a" });
    const b = await createTestDatabase({ sample: "b" });
    expect((await a.query("SELECT length(version_num) FROM alembic_version")).rows).toEqual([{ length: 12 }]);
    expect((await b.query("SELECT * FROM schema_migrations")).rows).toEqual([
      { version: "30", dirty: false },
    ]);
  });
});

describe.each(SAMPLES)("sample %s", (sample) => {
  test("goes on where its sequences stand: the next row gets a free id", async () => {
    const database = await createTestDatabase({ sample });
    for (const { name, lastValue } of makeSample(sample, { users: 200 }).sequences) {
      const { rows } = await database.query("SELECT nextval($1)::int AS next", [name]);
      expect(rows).toEqual([{ next: lastValue + 1 }]);
    }
  });

  test("can be loaded without a single user", async () => {
    const database = await createTestDatabase();
    await loadSample(await database.client(), sample, { users: 0 });
    expect((await database.query("SELECT count(*)::int FROM users")).rows).toEqual([{ count: 0 }]);
  });

  test("holds 10,000 users whose names come back as they were made", async () => {
    const database = await createTestDatabase({ sample, users: 10_000 });
    const made = makeSample(sample).tables.find(({ name }) => name === "users");
    const { rows } = await database.query<{ id: string; username: string }>(
      "SELECT id::text, username FROM users",
    );
    const byId = new Map(rows.map((row) => [row.id, row.username]));
    expect(byId.size).toBe(10_000);
    for (const [id, username] of made?.rows() ?? []) expect(byId.get(id ?? "")).toBe(username);
  });

  test("comes back whole, row for row and constraint for constraint, from a dump of INSERTs", async () => {
    const source = await createTestDatabase({ sample, ...USERS });
    const copy = await createTestDatabase();
    const client = await copy.client();
    await client.query([...dumpSample(sample, { ...USERS, style: "inserts" })].join(""));
    expect(await contents(copy, sample)).toEqual(await contents(source, sample));
    expect(await schema(copy)).toEqual(await schema(source));
  });
});

const psqlMajor = await clientMajor("psql");
if (psqlMajor > 0) {
  describe.each(SAMPLES)("sample %s, its dump loaded by psql", (sample) => {
    test.each<DumpStyle>(["copy", "inserts"])("comes back whole from %s", async (style) => {
      const source = await createTestDatabase({ sample, ...USERS });
      const copy = await createTestDatabase();
      await psql(copy, dumpSample(sample, { ...USERS, style }));
      expect(await contents(copy, sample)).toEqual(await contents(source, sample));
      expect(await schema(copy)).toEqual(await schema(source));
    });
  });
}

// pg_dump refuses servers newer than itself, and its texts change a little from one major to the next.
const pgDumpMajor = await clientMajor("pg_dump");
if (pgDumpMajor >= serverMajor() && pgDumpMajor <= 17) {
  describe.each(SAMPLES)("sample %s, beside what pg_dump writes of it", (sample) => {
    test.each<DumpStyle>(["copy", "inserts"])(
      "differs in nothing but the order of rows (%s)",
      async (style) => {
        const database = await createTestDatabase({ sample, ...USERS });
        const flags = ["--no-owner", "--no-privileges", ...(style === "inserts" ? ["--inserts"] : [])];
        const options = { maxBuffer: 2 ** 26 };
        const { stdout } = await promisify(execFile)("pg_dump", [...flags, database.superuserUrl], options);
        const ours = [...dumpSample(sample, { ...USERS, style })].join("");
        expect(entries(ours)).toEqual(entries(stdout));
      },
    );
  });
}

/** The entries of a dump in order, each with its lines sorted: rows lie in a table in any order. */
function entries(dump: string): readonly string[][] {
  const pieces = dump.split(/^--\n-- (?=Name: |Data for Name: |PostgreSQL database dump complete)/m).slice(1);
  return pieces
    .filter((piece) => !piece.startsWith("Name: public; Type: SCHEMA"))
    .map((piece) =>
      piece
        .replace(/^\\unrestrict .*$/m, "")
        .trimEnd()
        .split("\n")
        .sort(),
    );
}
