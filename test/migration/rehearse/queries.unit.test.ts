import { describe, expect, test } from "vitest";
import { argumentList, findSources } from "../../../src/migration/rehearse/queries/parameters.ts";
import { numberPlaceholders } from "../../../src/migration/rehearse/queries/placeholders.ts";
import type { NamedTable } from "../../../src/migration/rehearse/queries/tables.ts";
import { isTriable } from "../../../src/migration/rehearse/queries/try-query.ts";

describe("placeholders are numbered", () => {
  test.each([
    ["SELECT * FROM users WHERE id = ?", "SELECT * FROM users WHERE id = $1"],
    ["INSERT INTO users (a, b) VALUES (?,?)", "INSERT INTO users (a, b) VALUES ($1,$2)"],
    ["SELECT 1 LIMIT ? OFFSET ?", "SELECT 1 LIMIT $1 OFFSET $2"],
    ["SELECT :a, :b, :a", "SELECT $1, $2, $1"],
    ["SELECT id::text FROM users WHERE id=:id::int", "SELECT id::text FROM users WHERE id=$1::int"],
    [
      "SELECT '?', ':a', \"a?\", $$ ? $$ -- ?\n/* :b */ WHERE a = ?",
      "SELECT '?', ':a', \"a?\", $$ ? $$ -- ?\n/* :b */ WHERE a = $1",
    ],
    [
      "SELECT name ? 'key', name ?| array['a'], (a) ? 'b' WHERE id = ?",
      "SELECT name ? 'key', name ?| array['a'], (a) ? 'b' WHERE id = $1",
    ],
    ["SELECT a[1:2], a[i:j] WHERE b = :b", "SELECT a[1:2], a[i:j] WHERE b = $1"],
    ["SELECT * FROM t WHERE a = $1 AND b ? 'c'", "SELECT * FROM t WHERE a = $1 AND b ? 'c'"],
  ])("%s", (sql, numbered) => {
    expect(numberPlaceholders(sql)).toBe(numbered);
  });
});

test.each([
  ["select 1", true],
  ["  (SELECT 1) UNION SELECT 2", true],
  ["-- a comment\nWITH a AS (SELECT 1) SELECT * FROM a", true],
  ["MERGE INTO a USING b ON true WHEN MATCHED THEN DELETE", true],
  ["VACUUM", false],
  ["COPY users FROM '/etc/passwd'", false],
  ["SET ROLE postgres", false],
  ["", false],
])("only statements that read or write rows are tried: %s", (sql, triable) => {
  expect(isTriable(sql)).toBe(triable);
});

const table = (name: string, called: string, standing: Record<string, string | null>): NamedTable => ({
  called,
  oid: name,
  name,
  columns: Object.keys(standing),
  values: {
    standing: new Map(Object.entries(standing)),
    fresh: new Map(Object.entries(standing).map(([column, value]) => [column, `new ${value}`])),
  },
});

const users = table("users", "u", { id: "7", email: "ada@example.com", bio: null });
const tokens = table("tokens", "tokens", { id: "9", user_id: "7", hash: "h" });

describe("parameters get the value of the column they stand beside", () => {
  test.each([
    ["SELECT 1 FROM users u WHERE u.id = $1", ["integer"], "'7'::integer"],
    ["SELECT 1 FROM users u WHERE lower(email) = lower($1)", ["text"], "'ada@example.com'::text"],
    ["SELECT 1 FROM users u WHERE $1 = email", ["text"], "'ada@example.com'::text"],
    ["SELECT 1 FROM users u WHERE id IN ($1, $2)", ["integer", "integer"], "'7'::integer, '7'::integer"],
    ["SELECT 1 FROM users u WHERE id = ANY($1)", ["integer[]"], "ARRAY['7']::integer[]"],
    [
      "UPDATE users u SET email = $1 WHERE id = $2",
      ["text", "integer"],
      "'ada@example.com'::text, '7'::integer",
    ],
    ["UPDATE users u SET bio = $1", ["text"], "NULL::text"],
    [
      "SELECT 1 FROM users u JOIN tokens ON tokens.user_id = u.id WHERE tokens.id = $1",
      ["integer"],
      "'9'::integer",
    ],
    [
      "SELECT 1 FROM users u WHERE nothing = $1 LIMIT $2",
      ["text", "bigint"],
      "'authgraft'::text, '1'::bigint",
    ],
    [
      "INSERT INTO users AS u (id, email) VALUES ($1, lower($2))",
      ["integer", "text"],
      "'new 7'::integer, 'new ada@example.com'::text",
    ],
    [
      "INSERT INTO users AS u (id, email) VALUES (1, 'x'), ($1, $2)",
      ["integer", "text"],
      "'new 7'::integer, 'new ada@example.com'::text",
    ],
    [
      "INSERT INTO users AS u (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET email = $1",
      ["text"],
      "'ada@example.com'::text",
    ],
    [
      "SELECT $1, $2, $3, $4",
      ["boolean", "jsonb", "interval", "inet"],
      "'true'::boolean, '{}'::jsonb, '1 day'::interval, NULL::inet",
    ],
  ])("%s", (sql, types, list) => {
    expect(argumentList(findSources(sql, types, [users, tokens]))).toBe(list);
  });

  test("all of another row of the users table where one is given, NULL too, and only there", () => {
    const sql = "SELECT 1 FROM users u, tokens WHERE u.id = $1 AND tokens.hash = $2 AND u.email = $3";
    const parameters = findSources(sql, ["integer", "text", "text"], [users, tokens]);
    const other = {
      oid: "users",
      values: new Map([
        ["id", "8"],
        ["hash", "no"],
        ["email", null],
      ]),
    };
    expect(argumentList(parameters, other)).toBe("'8'::integer, 'h'::text, NULL::text");
  });
});
