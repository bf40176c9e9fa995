import pg from "pg";
import { describe, expect, test } from "vitest";
import { describeError } from "../../src/accounts/describe-error.ts";
import { DatabaseError } from "../../src/errors.ts";

const SECRET = "canary-Password-7f3a";

/** As the driver makes it: the message and the detail come from the server, values of the row included. */
function databaseError(): pg.DatabaseError {
  const error = new pg.DatabaseError(`bad row ${SECRET}`, 0, "error");
  return Object.assign(error, {
    ...{
      code: "23514",
      severity: "ERROR",
      table: "users",
      constraint: "no_robots",
      routine: "ExecConstraints",
    },
    ...{ detail: `Failing row contains (${SECRET})`, where: SECRET, hint: SECRET, internalQuery: SECRET },
  });
}

describe("an error as it is logged", () => {
  test("by PostgreSQL says where it came from, and nothing of what was in the row", () => {
    const described = describeError(databaseError());
    expect(described).toMatchObject({
      sqlstate: "23514",
      table: "users",
      constraint: "no_robots",
      stack: expect.any(Array),
    });
    expect(JSON.stringify(described)).not.toContain(SECRET);
  });

  test("keeps its causes and its parts, described alike", () => {
    const wrapped = new DatabaseError("database_error", "The database cannot say.", {
      cause: databaseError(),
    });
    const several = new AggregateError(
      [wrapped, databaseError()],
      "the transaction failed, and so did its rollback",
    );
    const described = describeError(several);
    expect(described).toMatchObject({
      name: "AggregateError",
      errors: [
        { code: "database_error", message: "The database cannot say.", cause: { sqlstate: "23514" } },
        { sqlstate: "23514" },
      ],
    });
    expect(JSON.stringify(described)).not.toContain(SECRET);
  });

  test("by a parser does not repeat what was parsed", () => {
    const parse = () => JSON.parse(`{"password": ${SECRET}}`);
    expect(parse).toThrow(SyntaxError);
    try {
      parse();
    } catch (error) {
      expect(JSON.stringify(describeError(error))).not.toContain(SECRET.slice(0, 6));
    }
  });

  test("is described even when it is none", () => {
    expect(describeError(SECRET)).toEqual({ name: "string" });
    expect(describeError(undefined)).toEqual({ name: "undefined" });
  });
});
