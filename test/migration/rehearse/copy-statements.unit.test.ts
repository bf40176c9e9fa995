import { expect, test } from "vitest";
import {
  extensionStatements,
  refusedExtensions,
} from "../../../src/migration/rehearse/copy/extension-statements.ts";
import {
  isPlainDefaultGrant,
  isPlainGrant,
  isPlainOwner,
} from "../../../src/migration/rehearse/copy/plain-names.ts";
import { widePublicationStatements } from "../../../src/migration/rehearse/copy/publication-statements.ts";

const grant = { grantor: "ada", grantee: null, privileges: ["SELECT"], grantable: false };

test.each([
  ["TABLE", "public.users"],
  ["SCHEMA", `"Odd ""One"" %s"`],
  ["FUNCTION", `shop.near(integer, character varying, "odd;".mood[], timestamp with time zone)`],
  ["PROCEDURE", "shop.größe()"],
  ["OPERATOR", "shop.<->(integer,integer)"],
  ["TEXT SEARCH DICTIONARY", "shop.plain"],
])("a name as PostgreSQL writes it is taken: %s %s", (keyword, name) => {
  expect(isPlainOwner({ keyword, name, owner: "ada" })).toBe(true);
});

test.each([
  ["TABLE", "public.users; CREATE ROLE intruder SUPERUSER; ALTER TABLE public.users"],
  ["TABLE", "public.users ALTER COLUMN id TYPE int USING (public.evil(id)),"],
  ["FUNCTION", "public.f() SECURITY DEFINER"],
  ["FUNCTION", "public.f(integer) OWNER TO postgres; SELECT public.f(1"],
  ["FUNCTION", "public.f(integer DEFAULT (SELECT public.evil()))"],
  ["OPERATOR", "public.--(integer)"],
  ["OPERATOR", "public./*(integer)"],
  ["SYSTEM", "public.users"],
])("SQL in the place of a name is not run: %s %s", (keyword, name) => {
  expect(isPlainOwner({ keyword, name, owner: "ada" })).toBe(false);
  expect(isPlainGrant({ keyword, name, column: null, owner: "ada", grants: [grant] })).toBe(false);
});

test("SQL in the place of a column or a privilege is not run", () => {
  const row = { keyword: "TABLE", name: "public.users", column: null, owner: "ada", grants: [grant] };
  const odd = { ...grant, privileges: ["SELECT ON x TO y; DROP TABLE x; GRANT SELECT"] };
  expect(isPlainGrant(row)).toBe(true);
  expect(isPlainGrant({ ...row, column: `"e-mail"` })).toBe(true);
  expect(isPlainGrant({ ...row, column: "id) ON x TO y; SELECT (1" })).toBe(false);
  expect(isPlainGrant({ ...row, grants: [odd] })).toBe(false);
  expect(isPlainDefaultGrant({ keyword: "TABLES", role: "ada", schema: null, grants: [odd] })).toBe(false);
});

test("what only a superuser may make is put together from quoted names", () => {
  const name = `x"; DROP TABLE y; --`;
  const [extension] = extensionStatements([{ name, schema: name }]);
  expect(extension?.sql).toBe(
    `CREATE EXTENSION IF NOT EXISTS "x""; DROP TABLE y; --" SCHEMA "x""; DROP TABLE y; --"`,
  );
  const publication = { name, schemas: [name], actions: ["insert", "x'); DROP"], comment: "it's" };
  const flags = { allTables: true, tables: null, viaRoot: false, generated: false };
  expect(widePublicationStatements([{ ...publication, ...flags }]).map(({ sql }) => sql)).toEqual([
    `CREATE PUBLICATION "x""; DROP TABLE y; --" FOR ALL TABLES WITH (publish = 'insert')`,
    `ALTER PUBLICATION "x""; DROP TABLE y; --" ADD TABLES IN SCHEMA "x""; DROP TABLE y; --"`,
    `COMMENT ON PUBLICATION "x""; DROP TABLE y; --" IS 'it''s'`,
  ]);
});

test.each(["dblink", "oracle_fdw", "http", "pg_net", "pg_cron", "aws_s3", "plpython3u", "hstore_plperlu"])(
  "the extension %s is refused",
  (name) => {
    expect(extensionStatements([{ name, schema: null }])).toEqual([]);
    expect(refusedExtensions([{ name, schema: null }])).toMatchObject([{ kind: "extension", name }]);
  },
);

test.each(["citext", "hstore", "postgis", "vector", "pg_trgm", "plpgsql", "unaccent", "timescaledb"])(
  "the extension %s is taken",
  (name) => {
    expect(refusedExtensions([{ name, schema: null }])).toEqual([]);
  },
);
