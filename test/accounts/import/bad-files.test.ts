import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import type { TestDatabase } from "../../support/postgres.ts";
import { graftedTable, hashOf, importText, usersIn } from "./support.ts";

const HASH = hashOf("analytical-engine");

let database: TestDatabase;

beforeAll(async () => {
  database = await graftedTable();
});

async function refusedIn(text: string | Uint8Array) {
  const report = await importText(database, text, { dryRun: true });
  return report.refused.map(({ row, field, reason }) => `${row} ${field}: ${reason}`);
}

test("every row that does not fit is told with its number and reason, and nothing is written", async () => {
  const bad = readFileSync(new URL("./files/bad.csv", import.meta.url));
  const report = await importText(database, bad, { existingOnly: true });
  expect(report).toMatchObject({ state: "refused", rows: 10, outcomes: { refused: 9, absent: 1 } });
  expect(report.allRefused).toEqual([
    { row: 2, field: "email", reason: "Another row has the same email, upper and lower case aside: row 3." },
    { row: 3, field: "email", reason: "Another row has the same email, upper and lower case aside: row 2." },
    { row: 4, field: "email", reason: "It is not one email address, like ada@example.com." },
    { row: 5, field: "row", reason: "It has bytes that are not UTF-8." },
    { row: 6, field: "row", reason: "It has 2 fields, and the header has 3." },
    { row: 7, field: "password_hash", reason: expect.any(String) },
    { row: 8, field: "row", reason: "It has no id to match it by." },
    { row: 9, field: "row", reason: "The row is longer than 65,536 characters." },
    { row: 10, field: "password_hash", reason: expect.stringMatching(/^bcrypt: /) },
  ]);
  expect(await usersIn(database)).toEqual([]);
  expect(JSON.stringify(report)).not.toContain("correct-horse-battery");
});

test("--skip-invalid goes on without them", async () => {
  const own = await graftedTable();
  const bad = readFileSync(new URL("./files/bad.csv", import.meta.url));
  const report = await importText(own, bad, { skipInvalid: true });
  expect(report).toMatchObject({ state: "imported", outcomes: { refused: 9, new: 1 }, written: { new: 1 } });
  expect((await usersIn(own)).map(({ email }) => email)).toEqual(["kurt@example.com"]);
});

describe("values that do not fit their columns", () => {
  test.for([
    ["id", "1e3", "It is no whole number that fits the column of ids."],
    ["id", "9223372036854775808", "It is no whole number that fits the column of ids."],
    ["username", "a".repeat(31), "It is longer than the 30 characters that the column takes."],
    ["display_name", "one\u0007two", "It has a control character or a line break."],
    ["email", "ada@example.com, eve@example.com", "It is not one email address, like ada@example.com."],
    ["email", "ada\u0000@example.com", "It has a NUL character, which PostgreSQL cannot store."],
    ["email", "\ud800@example.com", "It has half of a surrogate pair, which is no character."],
    ["created_at", "31/12/2024", "It is no date that can be read, such as 2024-02-29T12:00:00Z."],
    ["disabled", "perhaps", "It is neither true nor false."],
  ] as const)("%s: %j", async ([role, value, reason]) => {
    const line = JSON.stringify({ username: "somebody", [role]: value });
    expect(await refusedIn(`${line}\n`)).toEqual([`1 ${role}: ${reason}`]);
  });

  test("a hash that is dearer than its format's bound, or longer than the column, is refused", async () => {
    const costly = HASH.replace("$04$", "$31$");
    expect(await refusedIn(`email,password_hash\nada@example.com,${costly}\n`)).toEqual([
      expect.stringMatching(/^2 password_hash: bcrypt: Its cost is above/),
    ]);
    const configuration = { registration: "off", passwords: { algorithm: "bcrypt" } } as const;
    const own = await graftedTable("ALTER TABLE users ADD password_hash varchar(60)", configuration);
    const long = `pbkdf2_sha256$1000$0123456789abcdef$${Buffer.alloc(32, 1).toString("base64")}`;
    const text = `email,password_hash\nada@example.com,${long}\n`;
    const report = await importText(own, text, { dryRun: true, configuration });
    expect(report.refused[0]?.reason).toBe("It is longer than the 60 characters that the column takes.");
  });
});

describe("a file that cannot be read", () => {
  test.for([
    ["is empty", ""],
    ["is empty but for white space", "\n \n"],
    ["has headers and no rows", "email,username\n"],
    ["is an empty list", "[]"],
    ["is UTF-16", Buffer.from("\ufeffemail\nada@example.com\n", "utf16le")],
    ["has a quote without an end", `email,username\n"ada@example.com,ada\ngrace@example.com,grace\n`],
    ["is JSON that breaks off", `{"users": [{"localId": "a", "email": "ada@example.com"}`],
    ["nests without an end", `[${"[".repeat(100_000)}`],
    [
      "is a dump that breaks off",
      "-- PostgreSQL database dump\nCOPY public.auth_user (id, email) FROM stdin;\n1\ta@example.com\n",
    ],
    [
      "is a dump without the table",
      "-- PostgreSQL database dump\nCOPY public.people (id) FROM stdin;\n1\n\\.\n",
    ],
  ] as const)("%s: refused", async ([, text]) => {
    await expect(importText(database, text)).rejects.toMatchObject({ code: "import_invalid" });
  });

  test.for([
    [
      "a header that is not known",
      "email,favourite colour\nada@example.com,blue\n",
      '"favourite colour" is not known',
    ],
    ["a header twice", "email,username,email\n", '"email" stands twice'],
    ["two headers of one role", "email,mail\n", '"email" and "mail" are both email'],
    ["no header at all", "1,ada@example.com,x\n", "The first row has no header that is known."],
    ["nothing to match by", "display_name\nAda\n", "No row has an id, an email or a username"],
    ["a member that is not known", '{"email":"ada@example.com","colour":"blue"}\n', '"colour" is not known'],
  ] as const)("has %s: wrong usage", async ([, text, message]) => {
    await expect(importText(database, text)).rejects.toMatchObject({
      code: "usage_invalid",
      message: expect.stringContaining(message),
    });
  });

  test("does not show what may be somebody's data in the place of headers", async () => {
    const text = "1,ada@example.com,analytical-engine\n2,grace@example.com,nanoseconds\n";
    const error = await importText(database, text).catch((reason: unknown) => reason);
    expect(String(error)).not.toMatch(/ada@example|analytical/);
  });
});

test("a row of ten megabytes is refused, and the ones behind it are read", async () => {
  const long = `"${"x".repeat(10 * 1024 * 1024)}"`;
  const text = `email,username\n${long},ada\ngrace@example.com,grace\n`;
  expect(await refusedIn(text)).toEqual(["2 row: The row is longer than 65,536 characters."]);
});

test("a number that JSON readers round is no id", async () => {
  expect(await refusedIn('{"id": 9007199254740993}\n')).toEqual([
    "1 id: A number is too large to be read exactly; it must be written as a text.",
  ]);
});
