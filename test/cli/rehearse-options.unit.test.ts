import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDuration } from "../../src/cli/rehearse/duration.ts";
import { assertDistinct, chooseSource } from "../../src/cli/rehearse/flags.ts";
import { readQueriesFile, splitQueries } from "../../src/cli/rehearse/queries-file.ts";
import { assertWritable, writeWhole } from "../../src/cli/rehearse/report-file.ts";
import { parseRows } from "../../src/cli/rehearse/rows.ts";
import { authgraft, makeDirectory } from "./command-line.ts";

const WRONG = { code: "usage_invalid", fix: expect.any(String) };
const directory = makeDirectory();

test.each([
  ["90m", 5_400_000],
  ["24h", 86_400_000],
  ["7d", 604_800_000],
  ["1.5h", 5_400_000],
  ["30s", 30_000],
])("a duration: %s", (text, milliseconds) => expect(parseDuration(text)).toBe(milliseconds));

test.each(["", "24", "h", "0h", "-1h", "1 h", "24H", "1h30m", "1e3h", "9999999d", "Infinityh", "1.2345h"])(
  "no duration: %j",
  (text) => expect(parseDuration(text)).toBeUndefined(),
);

test("rows are all, none, or a number of users", () => {
  expect(["all", "none", "1", "10000"].map(parseRows)).toEqual(["all", "none", 1, 10_000]);
  for (const text of ["", "0", "-1", "1.5", "ALL", "1e3", "10 000", "9999999999"])
    expect(() => parseRows(text)).toThrow(expect.objectContaining(WRONG));
});

test("a source is a dump or the database: not both, not neither, and each with its own options", () => {
  expect(chooseSource({ dump: "shop.sql" })).toEqual({ kind: "dump", file: "shop.sql" });
  expect(chooseSource({ fromDatabase: true })).toEqual({ kind: "database", rows: 10_000 });
  expect(chooseSource({ fromDatabase: true, rows: "all" })).toEqual({ kind: "database", rows: "all" });
  const mistakes = [
    {},
    { dump: "shop.sql", fromDatabase: true },
    { dump: "shop.sql", rows: "all" },
    { dump: "shop.sql", databaseUrl: "postgres://localhost/shop" },
    { fromDatabase: true, rows: "some" },
  ];
  for (const flags of mistakes) expect(() => chooseSource(flags)).toThrow(expect.objectContaining(WRONG));
});

test("nothing is written over the dump, the queries or the other report", () => {
  const mistakes = [
    { dump: "a", report: "a" },
    { queries: "a", html: "a" },
    { report: "a", html: "a" },
  ];
  for (const flags of mistakes) expect(() => assertDistinct(flags)).toThrow(expect.objectContaining(WRONG));
  assertDistinct({ dump: "a", queries: "b", report: "c", html: "d" });
});

test("what is there and was not written by a rehearsal is not written over", async () => {
  const path = (name: string, text: string) => {
    writeFileSync(join(directory, name), text);
    return join(directory, name);
  };
  mkdirSync(join(directory, "folder"));
  const refused = [
    { option: "--report", path: path("shop.sql", "-- PostgreSQL database dump\n") },
    { option: "--report", path: path("package.json", "{}") },
    { option: "--report", path: path("empty.json", "") },
    { option: "--html", path: path("index.html", "<!doctype html>\n<title>Shop</title>\n") },
    { option: "--html", path: join(directory, "folder") },
    { option: "--report", path: join(directory, "nowhere/rehearsal.json") },
  ] as const;
  for (const target of refused) await expect(assertWritable(target)).rejects.toMatchObject(WRONG);
  await assertWritable({ option: "--report", path: path("old.json", '{"decision":"no-go","gates":[]}') });
  await assertWritable({
    option: "--html",
    path: path("old.html", "<!doctype html>\n<!-- authgraft rehearse -->\n…"),
  });
  await assertWritable({ option: "--report", path: join(directory, "new.json") });
});

test("a file is whole, and nothing is left beside it", async () => {
  const folder = join(directory, "whole");
  mkdirSync(folder);
  for (const text of ["one\n", "two\n"]) {
    await writeWhole(join(folder, "report.json"), text);
    expect(readFileSync(join(folder, "report.json"), "utf8")).toBe(text);
  }
  await expect(writeWhole(join(folder, "no/where.json"), "three\n")).rejects.toThrow();
  expect(readdirSync(folder)).toEqual(["report.json"]);
});

test("queries end at a semicolon, not at one inside a string, a name, a comment or a body", () => {
  const text = `-- by id; with a remark
SELECT * FROM users WHERE id = $1;

/* two; /* in one; */ */ UPDATE users SET username = 'a;b' WHERE "odd;name" = $$;$$;;
SELECT 1`;
  expect(splitQueries(text, "q.sql")).toEqual([
    { sql: "SELECT * FROM users WHERE id = $1", origin: "q.sql:2", calls: null },
    { sql: `UPDATE users SET username = 'a;b' WHERE "odd;name" = $$;$$`, origin: "q.sql:4", calls: null },
    { sql: "SELECT 1", origin: "q.sql:5", calls: null },
  ]);
});

test("any text is split without an end that never comes, and no statement is empty", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const { sql } of splitQueries(text, "q.sql")) expect(sql.trim()).not.toBe("");
    }),
  );
});

test("a file of queries that is none is wrong usage", async () => {
  const [binary, blank] = [join(directory, "binary.sql"), join(directory, "blank.sql")];
  writeFileSync(binary, Buffer.from([0x50, 0x47, 0x44, 0x4d, 0x50, 0]));
  writeFileSync(blank, "-- nothing yet\n;\n");
  for (const path of [binary, blank, join(directory, "missing.sql")])
    await expect(readQueriesFile(path)).rejects.toMatchObject(WRONG);
});

test("on the command line each of these is exit code 2, before any server is started", async () => {
  const outcomes = await Promise.all(
    [
      [],
      ["--dump", "shop.sql", "--from-database"],
      ["--dump", "shop.sql", "--rows", "10"],
      ["--from-database", "--rows", "ten", "--database-url", "postgres://127.0.0.1:1/shop"],
      ["--from-database"],
      ["--dump", "shop.sql", "--queries", "missing.sql"],
    ].map((args) => authgraft(["rehearse", "--json", ...args])),
  );
  expect(outcomes.map(({ code }) => code)).toEqual([2, 2, 2, 2, 2, 2]);
  expect(outcomes.map(({ json }) => json().error.code)).toEqual([
    "usage_invalid",
    "usage_invalid",
    "usage_invalid",
    "usage_invalid",
    "database_url_missing",
    "usage_invalid",
  ]);
  const age = await authgraft(["up", "--max-age", "24h", "--database-url", "postgres://127.0.0.1:1/shop"]);
  expect([age.code, age.said]).toEqual([2, expect.stringContaining("--require-rehearsal")]);
});
