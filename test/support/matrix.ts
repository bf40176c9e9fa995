import { expect, test } from "vitest";
import { qualify } from "../../src/postgres/identifiers.ts";
import { configurationOf, createGeneratedTable, namesOf, type TableShape } from "./generated-table.ts";
import { createTestDatabase } from "./postgres.ts";
import { expectRoundTrip, observe } from "./round-trip.ts";

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
    expect(await grantees(observer, qualify(names.schema, "revoked_tokens"))).toEqual(["app_owner"]);
  });
}

async function grantees({ client }: Awaited<ReturnType<typeof observe>>, table: string): Promise<string[]> {
  const { rows } = await client.query<{ grantee: string }>(
    `SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END COLLATE "C" AS grantee
     FROM pg_class c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
     WHERE c.oid IN ($1::text::regclass, pg_get_serial_sequence($1::text, 'id')::regclass)`,
    [table],
  );
  return rows.map((row) => row.grantee);
}
