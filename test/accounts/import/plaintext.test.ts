import { beforeEach, describe, expect, test } from "vitest";
import type { TestDatabase } from "../../support/postgres.ts";
import { graftedTable, importText, usersIn } from "./support.ts";

let database: TestDatabase;

beforeEach(async () => {
  database = await graftedTable();
});

const FIRST = "id,email,password\n007,ada@example.com,analytical-engine\n8,alan@example.com,decidable\n";

/** Gives the file out as it was while it is recognised and checked, and then another one. */
function replacedBy(later: string) {
  let reads = 0;
  return async function* () {
    reads += 1;
    yield Buffer.from(reads <= 2 ? FIRST : later);
  };
}

describe("plaintext passwords of a file that is another one when it is read again", () => {
  test.for([
    [
      "its rows changed places",
      "id,email,password\n8,alan@example.com,decidable\n007,ada@example.com,analytical-engine\n",
    ],
    ["a row came between", FIRST.replace("\n007", "\n6,eve@example.com,of nobody\n007")],
    ["another has the id", FIRST.replace("ada@example.com", "eve@example.com")],
    ["another has the email", FIRST.replace("007", "9")],
    ["a row is gone", FIRST.slice(0, FIRST.indexOf("8,alan"))],
    ["a password is gone", FIRST.replace("decidable", "")],
  ] as const)("%s: it is an error, and nobody gets another one's", async ([, later]) => {
    await expect(importText(database, FIRST, { context: { open: replacedBy(later) } })).rejects.toMatchObject(
      { code: "import_invalid", message: expect.stringContaining("is not what it was") },
    );
    expect(await usersIn(database)).toEqual([]);
  });

  test("as it was, it is imported, however ids are written", async () => {
    const report = await importText(database, FIRST, { context: { open: replacedBy(FIRST) } });
    expect(report.written.new).toBe(2);
  });

  test("a file that is known to have changed is not gone on with", async () => {
    const changed = new Error("it was changed");
    const assertUnchanged = () => Promise.reject(changed);
    await expect(importText(database, FIRST, { context: { assertUnchanged } })).rejects.toBe(changed);
    expect(await usersIn(database)).toEqual([]);
  });
});
