import { execFile } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDump } from "../../src/cli/rehearse/open-dump.ts";
import { isProcessAlive } from "../../src/embedded/platform.ts";
import { dumpSample } from "../../src/embedded/samples/dump.ts";
import type { LoadReport } from "../../src/migration/rehearse/rehearsal.ts";
import { readLogicalSchema } from "../support/catalog.ts";
import { makeTestDirectory } from "../support/directory.ts";
import { createTestDatabase, serverMajor, type TestDatabase } from "../support/postgres.ts";

const environment = { PATH: "/usr/local/bin:/usr/bin:/bin" };

/** Enough for rows of every kind. */
const USERS = 50;

let directory = "";
beforeAll(async () => {
  directory = await makeTestDirectory();
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** The major of the machine's own pg_dump; null when it has none. It dumps servers up to its own version. */
async function dumpMajor(): Promise<number | null> {
  const found = await promisify(execFile)("pg_dump", ["--version"]).catch(() => null);
  return found === null ? null : Number(/\d+/.exec(found.stdout)?.[0]);
}

async function load(
  path: string,
  database: TestDatabase,
  part: "schema" | "all" = "all",
): Promise<LoadReport> {
  const source = await openDump(path, { environment });
  return source.load(database.url, { part, onProgress: () => undefined, signal: undefined });
}

/** All that a dump brings back: everything but the schemas' own grants, which are the database's. */
async function contentOf(database: TestDatabase): Promise<unknown> {
  const { schemas: _, ...schema } = await readLogicalSchema(await database.client(database.superuserUrl), {
    schemas: [],
    relations: [],
  });
  const { rows } = await database.query<{ name: string }>(
    "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1",
  );
  const digests: unknown[] = [];
  for (const { name } of rows) {
    const digest = await database.query(
      `SELECT count(*)::int AS rows, md5(string_agg(t::text, '|' ORDER BY t::text COLLATE "C")) AS digest FROM ${name} t`,
    );
    digests.push([name, digest.rows[0]]);
  }
  return { schema, digests };
}

async function writeSample(sample: "a" | "b", style: "copy" | "inserts" = "copy"): Promise<string> {
  const path = join(directory, `${sample}-${style}.sql`);
  await writeFile(path, dumpSample(sample, { users: USERS, style }));
  return path;
}

test.for([
  ["a", "copy"],
  ["a", "inserts"],
  ["b", "copy"],
  ["b", "inserts"],
] as const)(
  "a plain dump of sample %s by %s is the sample again, without any program",
  async ([sample, style]) => {
    const original = await createTestDatabase({ sample, users: USERS });
    const copy = await createTestDatabase();
    expect(await load(await writeSample(sample, style), copy)).toMatchObject({ leftOut: [], rolesMade: [] });
    expect(await contentOf(copy)).toEqual(await contentOf(original));
  },
);

test("a dump fills two databases, one of them without rows", async () => {
  const source = await openDump(await writeSample("b"), { environment: {} });
  const [full, empty] = [await createTestDatabase(), await createTestDatabase()];
  const options = { onProgress: () => undefined, signal: undefined };
  const whole = await source.load(full.url, { ...options, part: "all" });
  const schema = await source.load(empty.url, { ...options, part: "schema" });
  expect(schema).toEqual({ ...whole, rows: 0 });
  expect(whole.rows).toBeGreaterThan(USERS);
  expect(source.asOwner?.(full.url)).toBe(full.url);
  expect(await source.queries()).toBeNull();
});

const FORMATS = ["plain", "custom", "directory", "tar", "plain.gz", "custom.gz"] as const;

test.for(FORMATS)("what pg_dump writes as %s is the database again", async (name, { annotate }) => {
  const major = await dumpMajor();
  if (major === null || major < serverMajor()) {
    await annotate(`pg_dump ${major ?? "is not here"}: it cannot dump PostgreSQL ${serverMajor()}`);
    const path = join(directory, "head.sql.gz");
    await writeFile(path, gzipSync(await readFile(await writeSample("a"))));
    expect((await openDump(path, { environment })).description).toBe("head.sql.gz (gzipped plain SQL)");
    return;
  }
  const original = await createTestDatabase({ sample: "b", users: USERS });
  await original.query(
    "CREATE FUNCTION public.both(n integer) RETURNS integer LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT CASE WHEN n > 0 THEN 2 END; END; COMMENT ON TABLE public.users IS 'a; \\ b'' c'; SELECT lo_from_bytea(0, 'ada');",
  );
  const path = await dump(original, name);
  const source = await openDump(path, { environment });
  expect(source.serverVersion).toMatch(new RegExp(`^${serverMajor()}\\.\\d+$`));
  expect(source.description).toContain(`of PostgreSQL ${serverMajor()}.`);
  const copy = await createTestDatabase();
  const options = { onProgress: () => undefined, signal: undefined };
  const report = await source.load(copy.url, { ...options, part: "all" });
  expect(report.leftOut).toEqual([]);
  expect(await contentOf(copy)).toEqual(await contentOf(original));
  expect((await copy.query("SELECT lo_get(oid) AS data FROM pg_largeobject_metadata")).rows).toEqual([
    { data: Buffer.from("ada") },
  ]);
  // How bytes are unpacked has nothing to do with which of them are wanted.
  if (name.endsWith(".gz")) return;
  const empty = await createTestDatabase();
  expect(await source.load(empty.url, { ...options, part: "schema" })).toMatchObject({
    rows: 0,
    leftOut: [],
  });
});

async function dump(database: TestDatabase, name: (typeof FORMATS)[number]): Promise<string> {
  const [format = "", zipped] = name.split(".");
  const path = join(directory, `b.${format}`);
  await rm(path, { recursive: true, force: true });
  await promisify(execFile)("pg_dump", [`--format=${format}`, `--file=${path}`, database.superuserUrl]);
  if (zipped === undefined) return path;
  await writeFile(`${path}.gz`, gzipSync(await readFile(path)));
  return `${path}.gz`;
}

test("a dump that is cut off anywhere is never taken for whole", async () => {
  const whole = await readFile(await writeSample("a"));
  const end = whole.lastIndexOf("-- PostgreSQL database dump complete");
  const path = join(directory, "cut.sql");
  const database = await createTestDatabase();
  for (let part = 1; part <= 8; part++) {
    // Spread over the whole, to different places in lines.
    const length = Math.min(Math.floor((end * part) / 8) + (part % 7), end + 30);
    await writeFile(path, whole.subarray(0, length));
    await expect(load(path, database)).rejects.toMatchObject({ code: "dump_invalid" });
    await database.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public").catch(() => undefined);
  }
});

test("a gzipped or custom dump that is cut off or damaged is refused in words", async ({ annotate }) => {
  const database = await createTestDatabase();
  const zipped = gzipSync(await readFile(await writeSample("b")));
  const path = join(directory, "cut.sql.gz");
  await writeFile(path, zipped.subarray(0, zipped.length - 40));
  await expect(load(path, database)).rejects.toMatchObject({
    code: "dump_invalid",
    message: `${path} ends in the middle of its gzip data: it was cut off.`,
  });
  const major = await dumpMajor();
  if (major === null || major < serverMajor()) {
    await annotate(`pg_dump ${major ?? "is not here"}: no custom archive of PostgreSQL ${serverMajor()}`);
    return;
  }
  const original = await createTestDatabase({ sample: "b", users: USERS });
  const archive = await readFile(await dump(original, "custom"));
  const cut = join(directory, "cut.dump");
  const target = await createTestDatabase();
  for (const length of [12, 300, archive.length >> 1, archive.length - 5]) {
    await writeFile(cut, archive.subarray(0, length));
    await expect(load(cut, target)).rejects.toMatchObject({
      code: "dump_invalid",
      message: expect.stringMatching(/pg_restore says ".+"/),
    });
  }
});

test("whoever says stop ends pg_restore too", async () => {
  const database = await createTestDatabase();
  const [program, running, path] = ["pg_restore_slow", "running", "slow.dump"].map((name) =>
    join(directory, name),
  );
  if (program === undefined || running === undefined || path === undefined)
    throw new TypeError("three names");
  const script = `#!/bin/sh\ncase "$*" in *--version*) echo "pg_restore (PostgreSQL) 15.1"; exit 0;; *--list*) exit 0;; esac\necho $$ > '${running}'; exec sleep 600\n`;
  await writeFile(program, script, { mode: 0o755 });
  await writeFile(path, "PGDMP");
  const source = await openDump(path, { environment: { PGRESTORE: program } });
  const control = new AbortController();
  const loading = source.load(database.url, {
    part: "all",
    onProgress: () => undefined,
    signal: control.signal,
  });
  const stopped = expect(loading).rejects.toMatchObject({ code: "interrupted" });
  const pid = () => readFile(running, "utf8").then(Number, () => 0);
  await expect.poll(pid).toBeGreaterThan(0);
  control.abort();
  await stopped;
  expect(isProcessAlive(await pid())).toBe(false);
});

test("of all databases of a server, the one with the users table is picked", async () => {
  const database = await createTestDatabase();
  const path = join(directory, "all.sql");
  const part = (name: string, table: string) =>
    `\\connect ${name}\n--\n-- PostgreSQL database dump\n--\n-- Dumped from database version 14.2\nCREATE TABLE public.${table} (id integer);\nCOPY public.${table} FROM stdin;\n1\n\\.\n--\n-- PostgreSQL database dump complete\n--\n`;
  const text = (...parts: string[]) =>
    `--\n-- PostgreSQL database cluster dump\n--\nCREATE ROLE app;\n${parts.join("")}--\n-- PostgreSQL database cluster dump complete\n--\n`;
  await writeFile(path, text(part("template1", "nothing"), part("shop", "users"), part("blog", "posts")));
  const source = await openDump(path, { environment: {}, table: "public.users" });
  expect(source).toMatchObject({ serverVersion: "14.2" });
  const options = { part: "all", onProgress: () => undefined, signal: undefined } as const;
  expect(await source.load(database.url, options)).toMatchObject({ tables: 1, rows: 1, leftOut: [] });
  expect((await database.query("SELECT id FROM public.users")).rows).toEqual([{ id: 1 }]);
  await expect(openDump(path, { environment: {} })).rejects.toMatchObject({
    code: "dump_invalid",
    message: expect.stringContaining("template1, shop, blog"),
  });
});
