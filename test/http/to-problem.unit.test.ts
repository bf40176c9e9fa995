import { HTTPException } from "hono/http-exception";
import { expect, test } from "vitest";
import { ConfigurationError, DatabaseError, SignInError } from "../../src/errors.ts";
import { toProblem } from "../../src/http/to-problem.ts";

const unreachable = new DatabaseError("database_unreachable", "user ada@db.internal cannot be asked");

test.each([
  ["an error nobody expected", new Error("secret"), { status: 500, code: "internal" }],
  ["something thrown that is no error", "secret", { status: 500, code: "internal" }],
  [
    "a setting that is wrong",
    new ConfigurationError("secret_mismatch", "secret"),
    { status: 500, code: "internal" },
  ],
  [
    "a body the framework refuses",
    new HTTPException(400, { message: "secret" }),
    { status: 400, code: "body_invalid" },
  ],
  [
    "a status of the framework's that is none of ours",
    new HTTPException(418, { message: "secret" }),
    { status: 500, code: "internal" },
  ],
  [
    "a database that cannot be asked",
    unreachable,
    { status: 503, code: "database_unreachable", headers: { "retry-after": "1" } },
  ],
  [
    "a transaction whose rollback failed too",
    new AggregateError([unreachable, new Error("secret")]),
    { status: 503, code: "database_unreachable", headers: { "retry-after": "1" } },
  ],
  [
    "two errors nobody expected",
    new AggregateError([new Error("secret")]),
    { status: 500, code: "internal" },
  ],
  [
    "too much at once",
    new SignInError("overloaded", "x"),
    { status: 503, code: "overloaded", headers: { "retry-after": "1" } },
  ],
])("%s says no more than it may", (_, error, problem) => {
  expect(toProblem(error)).toEqual(problem);
});
