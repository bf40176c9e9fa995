import { expect, test } from "vitest";
import { isEmailIndex } from "../../src/users-table/email-index.ts";
import type { Index } from "../../src/users-table/relation.ts";

function index(expressions: string | null, predicate: string | null, change: Partial<Index> = {}): Index {
  return {
    name: "i",
    oid: "1",
    unique: true,
    primary: false,
    valid: true,
    ready: true,
    immediate: true,
    definition: "",
    columns: [null],
    expressions,
    predicate,
    nullsNotDistinct: false,
    constraint: null,
    owner: "app",
    ...change,
  };
}

// As pg_get_expr writes them back on PostgreSQL 14 to 18, by the column's type and name.
test.each([
  ["email", 'lower(((email)::text COLLATE "C"))', "(email IS NOT NULL)"],
  ["email", 'lower((email COLLATE "C"))', "(email IS NOT NULL)"],
  ["email", 'lower(((email COLLATE "C"))::text)', "(email IS NOT NULL)"],
  ["email", 'lower(((email)::text COLLATE pg_catalog."C"))', null],
  [
    'E-"Mail" (of it)',
    'lower((("E-""Mail"" (of it)")::text COLLATE "C"))',
    '("E-""Mail"" (of it)" IS NOT NULL)',
  ],
  ["IS NOT", 'lower(("IS NOT" COLLATE "C"))', '("IS NOT" IS NOT NULL)'],
])("%s: %s where %s", (email, expressions, predicate) => {
  expect(isEmailIndex(index(expressions, predicate), email)).toBe(true);
});

const WHOLE = 'lower(((email)::text COLLATE "C"))';

test.each<[string, Index]>([
  ["without the collation", index("lower((email)::text)", "(email IS NOT NULL)")],
  ["of another column", index('lower(((mail)::text COLLATE "C"))', "(mail IS NOT NULL)")],
  ["of another function", index('upper(((email)::text COLLATE "C"))', null)],
  ["over fewer rows", index(WHOLE, "(email IS NOT NULL AND active)")],
  ["over other rows", index(WHOLE, "(email IS NULL)")],
  ["of two keys", index(WHOLE, null, { columns: [null, "id"] })],
  ["that is not unique", index(WHOLE, null, { unique: false })],
  ["that lets one row only be empty", index(WHOLE, null, { nullsNotDistinct: true })],
  ["over the plain column", index(null, null, { columns: ["email"] })],
])("an index %s does not serve", (_, candidate) => {
  expect(isEmailIndex(candidate, "email")).toBe(false);
});
