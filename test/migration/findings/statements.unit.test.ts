import { describe, expect, test } from "vitest";
import { mentions, stars } from "../../../src/migration/findings/functions/mentions.ts";
import { readStatements } from "../../../src/migration/findings/functions/statement.ts";
import { tokenize } from "../../../src/postgres/sql-tokens.ts";

const users = { schema: "public", name: "users" };
const starred = (source: string, table = users) =>
  readStatements(source).some((statement) => stars(statement, table).length > 0);

describe("tokens", () => {
  test.for([
    ["Select Users", ["select", "users"]],
    ['"Users"."Odd""Name"', ["Users", ".", 'Odd"Name']],
    ["a -- b\nc", ["a", "c"]],
    ["a /* b /* c */ d */ e", ["a", "e"]],
    ["a /* never closed", ["a"]],
    ["'it''s' E'a\\'b' $$a ' b$$ $tag$x $$ y$tag$", ["it's", "a\\'b", "a ' b", "x $$ y"]],
    ["a::text := $1", ["a", "::", "text", ":=", "$1"]],
    ["größe", ["größe"]],
    ["'never closed", ["'", "never", "closed"]],
    ["$a$ not closed by $A$ here$a$", [" not closed by $A$ here"]],
  ] as const)("%s", ([source, texts]) => {
    expect(tokenize(source).map(({ text }) => text)).toEqual(texts);
  });
});

describe("stars that stand for the table's columns", () => {
  test.for([
    "SELECT * FROM users",
    "select * from Public.Users u where id = 1",
    "SELECT u.* FROM users AS u JOIN contacts c ON c.user_id = u.id",
    "SELECT users.*, 1 FROM contacts, users",
    "SELECT DISTINCT ON (id) * FROM users",
    "SELECT 1 FROM (SELECT * FROM users) x",
    "UPDATE users SET a = 1 RETURNING *",
    "DELETE FROM users u USING contacts c RETURNING u.*",
    "INSERT INTO users (a) VALUES (1) RETURNING *",
    "WITH gone AS (DELETE FROM users RETURNING *) SELECT 1",
    "BEGIN IF true THEN SELECT * INTO r FROM users; END IF; END",
    "BEGIN EXECUTE 'SELECT * FROM users WHERE id = $1' USING x; END",
    "SELECT a FROM contacts UNION SELECT * FROM users",
    'SELECT * FROM ONLY "users"',
  ])("%s", (source) => {
    expect(starred(source)).toBe(true);
  });

  test.for([
    "SELECT count(*) FROM users",
    "SELECT id * 2 FROM users",
    "SELECT (a) * b FROM users",
    "SELECT c.* FROM users u JOIN contacts c ON c.user_id = u.id",
    "SELECT * FROM contacts WHERE user_id IN (SELECT id FROM users)",
    "SELECT * FROM archive.users",
    'SELECT * FROM "Users"',
    "SELECT id FROM users UNION SELECT * FROM contacts",
    "INSERT INTO users SELECT * FROM staging",
    "INSERT INTO contacts (user_id) SELECT id FROM users RETURNING *",
    "-- SELECT * FROM users\nSELECT 1",
    "SELECT 'users'",
  ])("but not %s", (source) => {
    expect(starred(source)).toBe(false);
  });

  test("a table's name is read as it is written in quotes", () => {
    const odd = { schema: "Shop", name: 'My "Users"' };
    expect(starred('SELECT * FROM "Shop"."My ""Users"""', odd)).toBe(true);
    expect(starred("SELECT * FROM shop.users", odd)).toBe(false);
  });
});

describe("relations that a statement names", () => {
  const named = (source: string) =>
    readStatements(source).flatMap((statement) =>
      mentions(statement, users).map(({ role, name, alias }) => `${role} ${name}${alias ? ` ${alias}` : ""}`),
    );

  test.for([
    ["SELECT 1 FROM users u, contacts AS c", ["source users u", "source contacts c"]],
    ["INSERT INTO arch SELECT id FROM users", ["target arch", "source users"]],
    ["UPDATE users u SET a = 1 FROM contacts", ["target users u", "source contacts"]],
    ["DELETE FROM users WHERE a IS DISTINCT FROM b", ["target users", "source b"]],
    ["INSERT INTO users (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 2", ["target users"]],
    ["SELECT a, b FROM users FOR UPDATE", ["source users"]],
    ["SELECT a INTO b, c FROM users WHERE x IN (1, 2)", ["source users"]],
    [
      "MERGE INTO users u USING staging s ON true WHEN MATCHED THEN DELETE",
      ["target users u", "source staging s"],
    ],
  ] as const)("%s", ([source, expected]) => {
    expect(named(source)).toEqual(expected);
  });
});
