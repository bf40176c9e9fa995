import { quoteIdentifier } from "../../../postgres/identifiers.ts";
import type { Exposure } from "../../exposure.ts";
import type { Finding } from "../../finding.ts";
import type { Examined, FindingCheck } from "../check.ts";
import { evidence, roleName, warning } from "../evidence.ts";
import { closingStatements, reaching } from "../exposures/closing.ts";
import { exposuresQuery } from "../exposures/exposures.ts";
import { columnName, tableName, tableSql } from "../subject.ts";

/** Who can read the hash, write it, make administrators or empty the table, beside the owner. */
export const exposuresCheck: FindingCheck<Exposure> = {
  id: "exposures",
  applies: () => true,
  query: exposuresQuery,
  judge: (rows, subject) => {
    const open = reaching(rows, subject.mapping);
    const roles = [...new Set(open.map(({ role }) => role))];
    return [
      ...roles.flatMap((role) => [...readers(role, rows, subject), ...writers(role, rows, subject)]),
      ...policies(rows, subject),
      ...truncaters(rows, subject),
    ];
  },
};

function readers(role: string, exposures: readonly Exposure[], subject: Examined): Finding[] {
  const own = ofRole(role, exposures, subject, ["SELECT"]);
  if (own.length === 0) return [];
  return [
    warning({
      code: "hash_readable",
      object: role,
      message: `${nameOf(role)} can read ${columnName(subject, subject.mapping.password_hash)}: its SELECT ${own.some(({ column }) => column === null) ? `on the whole of ${tableName(subject)} covers new columns too` : "names that column"}. After closing, SELECT * fails for it; the columns have to be named.`,
      fix: closingOf(own, exposures, subject),
      evidence: evidence(exposuresQuery(subject), subject, describe(own)),
    }),
  ];
}

function writers(role: string, exposures: readonly Exposure[], subject: Examined): Finding[] {
  const own = ofRole(role, exposures, subject, ["INSERT", "UPDATE"]);
  if (own.length === 0) return [];
  const { is_admin: admin, password_hash: hash } = subject.mapping;
  const harm =
    admin === null
      ? `set anybody's ${hash} and sign in as them`
      : `make itself an administrator (${admin}), or set anybody's ${hash} and sign in as them`;
  return [
    warning({
      code: "admin_writable",
      object: role,
      message: `${nameOf(role)} can ${harm}: its ${own.map(({ privilege }) => privilege).join(" and ")} on ${tableName(subject)} covers new columns too.`,
      fix: closingOf(own, exposures, subject),
      evidence: evidence(exposuresQuery(subject), subject, describe(own)),
    }),
  ];
}

/** Row policies that let users change rows of their own: with UPDATE on the table, `is_admin` too. */
function policies(exposures: readonly Exposure[], subject: Examined): Finding[] {
  const { policies: all, rowSecurity } = subject.users;
  const { is_admin: admin } = subject.mapping;
  if (!rowSecurity || admin === null) return [];
  const updaters = reaching(exposures, subject.mapping).filter(({ privilege }) => privilege === "UPDATE");
  return all
    .filter(({ command }) => command === "w" || command === "*")
    .flatMap((policy) => {
      const free = updaters.filter(
        ({ role }) => policy.roles.includes("public") || policy.roles.includes(role),
      );
      if (free.length === 0) return [];
      return [
        warning({
          code: "policy_allows_promotion",
          object: policy.name,
          message: `The policy ${policy.name} lets ${[...new Set(free.map(({ role }) => nameOf(role)))].join(", ")} update rows of ${tableName(subject)}, whole rows: who may change their own row can set ${admin} in it.`,
          fix: closingOf(free, exposures, subject),
          evidence: evidence(
            {
              sql: "SELECT polname, polcmd, pg_get_expr(polqual, polrelid) FROM pg_catalog.pg_policy WHERE polrelid = $1::oid",
              values: [subject.users.oid],
            },
            subject,
            `${policy.name}: ${policy.using ?? "true"}`,
          ),
        }),
      ];
    });
}

function truncaters(exposures: readonly Exposure[], subject: Examined): Finding[] {
  return exposures
    .filter(({ privilege }) => privilege === "TRUNCATE")
    .map(({ role, grantable }) =>
      warning({
        code: "truncate_revives_tokens",
        object: role,
        message: `${nameOf(role)} may TRUNCATE ${tableName(subject)}. With the graft that fails, because its tables refer to the users, and with CASCADE it empties revoked_tokens, so revoked tokens live again.`,
        fix: `REVOKE TRUNCATE ON TABLE ${tableSql(subject)} FROM ${roleName(role)}${grantable ? " CASCADE" : ""};`,
        evidence: evidence(exposuresQuery(subject), subject, `${role}: TRUNCATE`),
      }),
    );
}

function ofRole(
  role: string,
  exposures: readonly Exposure[],
  subject: Examined,
  privileges: readonly Exposure["privilege"][],
): Exposure[] {
  return reaching(exposures, subject.mapping).filter(
    (exposure) => exposure.role === role && privileges.includes(exposure.privilege),
  );
}

function closingOf(chosen: readonly Exposure[], all: readonly Exposure[], subject: Examined): string {
  const wanted = chosen.map(({ role, privilege }) => `${role} ${privilege}`);
  const affected = all.filter(({ role, privilege }) => wanted.includes(`${role} ${privilege}`));
  return closingStatements(affected, subject)
    .flatMap(({ revoke, grant }) => [...revoke, ...grant])
    .join("\n");
}

function nameOf(role: string): string {
  return role === "PUBLIC" ? "Everybody (PUBLIC)" : role;
}

function describe(exposures: readonly Exposure[]): string {
  return exposures
    .map(({ role, privilege, column }) => `${role}: ${privilege}${column === null ? "" : ` (${column})`}`)
    .join("; ");
}

interface Member {
  readonly role: string;
  readonly group: string;
}

/** Members of the roles that read or write every table: no grant on the table says so. */
export const readsAllCheck: FindingCheck<Member> = {
  id: "reads-all",
  applies: () => true,
  query: () => ({ sql: MEMBERS_SQL, values: [] }),
  judge: (rows, subject) =>
    rows.map(({ role, group }) =>
      warning({
        code: group === "pg_read_all_data" ? "hash_readable" : "admin_writable",
        object: role,
        message: `${role} is a member of ${group}, which ${group === "pg_read_all_data" ? "reads every column of every table, password hashes too" : "writes every column of every table, who is an administrator too"}. No grant on a table limits that.`,
        fix: `REVOKE ${group} FROM ${quoteIdentifier(role)};`,
        evidence: evidence({ sql: MEMBERS_SQL, values: [] }, subject, `${role}: ${group}`),
      }),
    ),
};

const MEMBERS_SQL = `
  SELECT r.rolname::text AS role, g.rolname::text AS group
  FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
  JOIN pg_catalog.pg_roles r ON r.oid = m.member
  WHERE g.rolname IN ('pg_read_all_data', 'pg_write_all_data') AND NOT r.rolsuper ORDER BY 1, 2`;
