import type { Queryable } from "../../../postgres/client.ts";
import type { Exposure } from "../../exposure.ts";
import type { Query, Subject } from "../check.ts";

/** The table, and the configuration that names the server's role. */
type Owned = Pick<Subject, "users" | "configuration">;

/** Asks who holds rights on the table; the owner, superusers and Authgraft's own server role are left out. */
export function exposuresQuery({ users, configuration }: Owned): Query {
  return {
    sql: `
      SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END AS role,
        a.privilege_type AS privilege, a.column, bool_or(a.is_grantable) AS grantable
      FROM (SELECT c.relowner, NULL::text AS column, x.* FROM pg_catalog.pg_class c, aclexplode(c.relacl) x WHERE c.oid = $1::oid
        UNION ALL
        SELECT c.relowner, t.attname, x.* FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute t ON t.attrelid = c.oid,
          aclexplode(t.attacl) x WHERE c.oid = $1::oid AND t.attnum > 0 AND NOT t.attisdropped) a
      LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
      WHERE a.grantee <> a.relowner AND r.rolsuper IS NOT TRUE AND ($2::text IS NULL OR r.rolname IS DISTINCT FROM $2)
        AND a.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'TRUNCATE')
      GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 NULLS FIRST`,
    values: [users.oid, configuration.serverRole ?? null],
  };
}

/** Reads who holds rights on the users table, for the step that closes what the graft would expose. */
export async function readExposures(client: Queryable, subject: Owned): Promise<Exposure[]> {
  const { sql, values } = exposuresQuery(subject);
  const { rows } = await client.query<Exposure>(sql, values);
  return rows;
}
