import type { Configuration } from "../config/schema.ts";
import type { Queryable } from "../postgres/client.ts";
import type { Relation } from "../users-table/relation.ts";
import type { ServerRole } from "./situation.ts";
import type { TableDefinition } from "./table-definition.ts";
import { ALL_TABLES } from "./tables.ts";

const SQL = `
  SELECT has_schema_privilege(r.oid, $2::oid, 'USAGE') AS "usesUsersSchema",
    coalesce((SELECT has_schema_privilege(r.oid, s.oid, 'USAGE') FROM pg_namespace s WHERE s.nspname = $3), false) AS "usesGraftSchema",
    (SELECT jsonb_agg(jsonb_build_object('name', a.attname, 'privileges', (SELECT coalesce(jsonb_agg(p), '[]')
        FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) p WHERE has_column_privilege(r.oid, $4::oid, a.attnum, p))))
      FROM pg_attribute a WHERE a.attrelid = $4::oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('name', c.relname, 'privileges', (SELECT coalesce(jsonb_agg(p), '[]')
        FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) p WHERE has_table_privilege(r.oid, c.oid, p)),
        'addsTo', (SELECT coalesce(jsonb_agg(a.attname), '[]') FROM pg_attribute a
          WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND has_column_privilege(r.oid, c.oid, a.attnum, 'INSERT')),
        'addsWhole', r.oid <> c.relowner AND EXISTS (SELECT FROM aclexplode(c.relacl) g
          WHERE g.grantee = r.oid AND g.privilege_type = 'INSERT'))), '[]')
      FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
      WHERE c.relkind = 'r' AND (s.nspname = $3 AND c.relname = ANY ($5::text[]) OR s.oid = $2::oid AND c.relname = ANY ($6::text[]))) AS tables
  FROM pg_roles r WHERE r.rolname = $1`;

/** What the server's role may do already. */
export async function readServerRole(
  client: Queryable,
  users: Relation,
  { serverRole: name, schema }: Configuration,
): Promise<ServerRole | null> {
  if (name === undefined) return null;
  const space = await client.query<{ oid: string }>(
    "SELECT relnamespace::text AS oid FROM pg_class WHERE oid = $1::oid",
    [users.oid],
  );
  // The application may have an audit_log or sessions of its own.
  const namesIn = (place: TableDefinition["place"]) =>
    ALL_TABLES.filter((table) => table.place === place).map(({ name }) => name);
  const { rows } = await client.query<Omit<ServerRole, "name" | "exists">>(SQL, [
    name,
    space.rows[0]?.oid,
    schema,
    users.oid,
    ...[namesIn("graft"), namesIn("users")],
  ]);
  const [found] = rows;
  if (found !== undefined) return { name, exists: true, ...found };
  return { name, exists: false, usesUsersSchema: false, usesGraftSchema: false, columns: [], tables: [] };
}
