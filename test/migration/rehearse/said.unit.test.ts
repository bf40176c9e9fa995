import { describe, expect, test } from "vitest";
import { DatabaseError } from "../../../src/errors.ts";
import { explain } from "../../../src/migration/rehearse/gates/gate-record.ts";
import { saidBy, shownQuery } from "../../../src/migration/rehearse/gates/said.ts";

/** As the driver has PostgreSQL's errors. */
function serverError(code: string, message: string, more: object = {}): Error {
  return Object.assign(new Error(message), { code, ...more });
}

describe("what PostgreSQL says is told without what it quotes of anybody", () => {
  test.each([
    ["22P02", 'invalid input syntax for type integer: "ada"', 'invalid input syntax for type integer: "…"'],
    ["22003", 'value "ada "x" y" is out of range', 'value "…" is out of range'],
    ["42601", 'syntax error at or near "ada"', "syntax error"],
    ["42P01", 'relation "ada" does not exist', 'relation "…" does not exist'],
    ["42703", 'column "username" does not exist', 'column "username" does not exist'],
    ["P0001", "ada is blocked", "a function of the application's raised an exception (P0001)"],
  ])("%s %s", (code, message, told) => {
    expect(saidBy(serverError(code, message), "SELECT 'ada'::regclass")).toBe(told);
  });

  test("whichever code a function gives to its own words", () => {
    const where = "PL/pgSQL function public.check_user() line 3 at RAISE";
    const error = serverError("23505", "ada is there already", { routine: "exec_stmt_raise", where });
    expect(saidBy(error)).toBe("public.check_user() raised an exception (23505)");
  });

  test("in errors of Authgraft's too, and never with the detail", () => {
    const cause = serverError("P0001", "ada is blocked", { detail: "ada" });
    const error = new DatabaseError("database_error", "PostgreSQL says: ada is blocked (P0001).", {
      ...{ fix: "Put it right.", cause },
    });
    expect(explain(error)).toBe(
      "PostgreSQL says: a function of the application's raised an exception (P0001) (P0001). Put it right.",
    );
    const refused = serverError("23502", 'null value in column "name"', { detail: "Failing row: ada" });
    expect(explain(refused)).toBe('PostgreSQL said: null value in column "name"');
  });
});

test.each([
  [
    "SELECT a -- ada\n FROM b /* ada */ WHERE c = 'ada' AND d > 1815.5 LIMIT $1",
    "SELECT a FROM b WHERE c = '…' AND d > … LIMIT $1",
  ],
  ['SELECT "first name" FROM "b" WHERE c = "ada@example.com"', 'SELECT "first name" FROM "b" WHERE c = …'],
  ["/* ada */ SELECT $x$ada$x$, E'ada\\'s'", "SELECT '…', …"],
  ["SELECT 'ada", "SELECT …"],
  ["SELECT $x$ada", "SELECT …"],
])("a query is shown without constants and comments: %s", (sql, shown) => {
  expect(shownQuery(sql)).toBe(shown);
});
