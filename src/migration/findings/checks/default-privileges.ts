import type { Examined, FindingCheck, Query } from "../check.ts";
import { evidence, shorten, warning } from "../evidence.ts";

interface Given {
  readonly grantee: string;
  readonly privileges: readonly string[];
}

/** Grants that PostgreSQL makes by itself on new tables, so on `revoked_tokens` as well. */
export const defaultPrivilegesCheck: FindingCheck<Given> = {
  id: "default-privileges",
  applies: ({ provenance }) => provenance === null,
  query,
  judge: (rows, subject) =>
    rows.map(({ grantee, privileges }) =>
      warning({
        code: "default_privileges",
        object: grantee,
        message: `Default privileges give ${grantee} ${privileges.join(", ")} on every new table here: who may write revoked_tokens can make revoked tokens live again.`,
        fix: "Nothing is to be done: up takes these grants off the graft's own tables again, and leaves the default privileges as they are.",
        evidence: evidence(query(subject), subject, `${grantee}: ${shorten(privileges)}`),
      }),
    ),
};

function query({ users, configuration }: Examined): Query {
  return {
    sql: `
      SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee)::text END AS grantee,
        array_agg(DISTINCT a.privilege_type) AS privileges
      FROM pg_catalog.pg_default_acl d CROSS JOIN LATERAL aclexplode(d.defaclacl) a
      LEFT JOIN pg_catalog.pg_namespace s ON s.oid = d.defaclnamespace
      WHERE d.defaclobjtype = 'r' AND (d.defaclnamespace = 0 OR s.nspname IN ($1, $2))
        AND pg_get_userbyid(d.defaclrole) IN (current_user, $3) AND a.grantee <> d.defaclrole
      GROUP BY 1 ORDER BY 1`,
    values: [users.schema, configuration.schema, users.owner],
  };
}
