import { expect, test } from "vitest";
import { qualify } from "../../src/postgres/identifiers.ts";
import {
  configurationOf,
  createGeneratedTable,
  namesOf,
  type TableNames,
  type TableShape,
} from "./generated-table.ts";
import { createTestDatabase } from "./postgres.ts";
import { expectRoundTrip, type Observer, observe } from "./round-trip.ts";

const SCHEMAS = ["public", "other"] as const;
const NAMES = ["plain", "quoted"] as const;
const EMAILS = ["none", "nullable", "required"] as const;

/** One test for every shape of a users table over this key; a file a key, so that they run side by side. */
export function testEveryShape(key: TableShape["key"]): void {
  const shapes = SCHEMAS.flatMap((schema) =>
    NAMES.flatMap((names) => EMAILS.map((email): TableShape => ({ key, schema, names, email }))),
  );
  test.each(shapes)("up, down, up: $key key, schema $schema, $names names, $email email", async (shape) => {
    const database = await createTestDatabase();
    const names = namesOf(shape);
    await createGeneratedTable(database, shape, names);
    const observer = await observe(database, qualify(names.schema, names.table), names.graft);
    await expectRoundTrip(database, configurationOf(names), observer);
    expect(await grantees(observer, names)).toEqual(["app_owner"]);
  });
}

/** Everybody who may do anything with the schema of the graft, its tables and sequences, and `revoked_tokens`. */
async function grantees({ client }: Observer, names: TableNames): Promise<string[]> {
  const { rows } = await client.query<{ grantee: string }>(
    `SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS grantee
     FROM (
       SELECT coalesce(nspacl, acldefault('n', nspowner)) AS acl FROM pg_namespace WHERE nspname = $1
       UNION ALL
       SELECT coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner)) FROM pg_class
       WHERE relkind IN ('r', 'S') AND (relnamespace = quote_ident($1)::regnamespace
         OR relnamespace = quote_ident($2)::regnamespace AND relname IN ('revoked_tokens', 'revoked_tokens_id_seq'))
     ) objects, aclexplode(acl) a`,
    [names.graft, names.schema],
  );
  return rows.map((row) => row.grantee);
}
