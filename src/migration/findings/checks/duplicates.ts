import { quoteIdentifier } from "../../../postgres/identifiers.ts";
import { TEXT_TYPES } from "../../../users-table/mapping.ts";
import { findColumn, isUnique, primaryKey } from "../../../users-table/relation.ts";
import type { Examined, FindingCheck, Query } from "../check.ts";
import { acceptableRefusal, evidence, refusal, warning } from "../evidence.ts";
import { columnName, hasEmailIndex, isPending, tableName, tableSql } from "../subject.ts";

interface Group {
  readonly shown: readonly string[];
  readonly ids: readonly string[];
  readonly users: number;
  readonly groups: number;
}

const MOST_GROUPS = 10;
const MOST_IDS = 10;

/** From this size of the table on, in bytes, grouping all its rows takes longer than the whole change. */
const LARGE = 100_000_000;

const ownerGrant = ({ users, server }: Examined) =>
  `GRANT ${quoteIdentifier(users.owner)} TO ${quoteIdentifier(server.user)};`;

/** Emails that differ in ASCII case only: the graft's unique index cannot be built over them. */
export const emailDuplicatesCheck: FindingCheck<Group> = {
  id: "email-duplicates",
  // The build fails over them too, and is made before anything depends on it.
  advice: ({ users }) => users.bytes >= LARGE,
  applies: (subject) =>
    TEXT_TYPES.has(findColumn(subject.users, subject.mapping.email)?.baseType ?? "") &&
    !hasEmailIndex(subject) &&
    !subject.users.forceRowSecurity,
  query: emailQuery,
  permit: ownerGrant,
  judge: (rows, subject) => {
    if (rows.length === 0) return [];
    const { email, deleted } = subject.mapping;
    const column = findColumn(subject.users, email);
    const value = column?.notNull ? "another address" : "NULL or another address";
    const kept = deleted === null ? "" : ` Rows marked by ${deleted} count too.`;
    return [
      refusal({
        code: "email_duplicates",
        object: columnName(subject, email),
        message: `${countGroups(rows)} in ${tableName(subject)} ${groupsOf(rows) === 1 ? "is" : "are"} held by several users, but for upper and lower case: who of them would a login mean?${kept}`,
        fix: `For each group decide whose the address is, and give the others ${value}: UPDATE ${tableSql(subject)} SET ${quoteIdentifier(email)} = … WHERE ${idOf(subject)} = …;`,
        evidence: evidence(emailQuery(subject), subject, listGroups(rows)),
      }),
    ];
  },
};

function emailQuery(subject: Examined): Query {
  const email = `u.${quoteIdentifier(subject.mapping.email)}`;
  return groupsQuery(subject, {
    keys: [`lower(${email} COLLATE "C")`],
    shown: `${email}::text`,
    filter: `${email} IS NOT NULL`,
    narrow: isUnique(subject.users, [subject.mapping.email]) ? writtenInCapitals(subject) : null,
  });
}

/**
 * Where emails are unique as they are written, two that differ in case only are not both in lower case: only
 * what some row has in other letters can be doubled, and that is little to group.
 */
function writtenInCapitals(subject: Examined): string {
  const email = quoteIdentifier(subject.mapping.email);
  return `lower(u.${email} COLLATE "C") IN (SELECT lower(v.${email} COLLATE "C") FROM ${tableSql(subject)} v
          WHERE v.${email}::text COLLATE "C" <> lower(v.${email}::text COLLATE "C"))`;
}

/** Accounts at a provider that several users hold (C7): an OAuth login would match them all. */
export const providerDuplicatesCheck: FindingCheck<Group> = {
  id: "provider-duplicates",
  // The graft changes nothing about them, and a login with such an account is refused.
  advice: ({ users }) => users.bytes >= LARGE,
  applies: ({ users, mapping: { auth_provider: provider, auth_provider_id: id } }) =>
    provider !== null &&
    id !== null &&
    [provider, id].every((name) => findColumn(users, name) !== undefined) &&
    !isUnique(users, [provider, id]) &&
    !isUnique(users, [id]) &&
    !users.forceRowSecurity,
  query: providerQuery,
  permit: ownerGrant,
  judge: (rows, subject) => {
    if (rows.length === 0) return [];
    const { auth_provider: provider, auth_provider_id: id } = subject.mapping;
    const found = {
      code: "provider_duplicates",
      object: tableName(subject),
      message: `${countGroups(rows)} of (${provider}, ${id}) in ${tableName(subject)} ${groupsOf(rows) === 1 ? "is" : "are"} held by several users. A login with such an account is refused, because it could mean any of them.`,
      fix: `For each group decide whose the account is, and change or merge the others; then nothing like it comes back with: CREATE UNIQUE INDEX CONCURRENTLY ON ${tableSql(subject)} (${quoteIdentifier(provider ?? "")}, ${quoteIdentifier(id ?? "")});`,
      evidence: evidence(providerQuery(subject), subject, listGroups(rows)),
    };
    return [isPending(subject) ? acceptableRefusal(found) : warning(found)];
  },
};

function providerQuery(subject: Examined): Query {
  const [provider, id] = [subject.mapping.auth_provider, subject.mapping.auth_provider_id].map(
    (name) => `u.${quoteIdentifier(name ?? "")}`,
  );
  return groupsQuery(subject, {
    keys: [`${provider}::text`, `${id}::text`],
    shown: `concat_ws(' ', ${provider}, ${id})`,
    filter: `${provider} IS NOT NULL AND ${id} IS NOT NULL`,
    narrow: null,
  });
}

interface Grouping {
  readonly keys: readonly string[];
  readonly shown: string;
  readonly filter: string;
  /** A condition that every doubled row meets, for the scan. */
  readonly narrow: string | null;
}

/** One scan where nothing is doubled; the rows of the groups shown are looked up only where there are any. */
function groupsQuery(subject: Examined, { keys, shown, filter, narrow }: Grouping): Query {
  const table = `${tableSql(subject)} u`;
  const id = `u.${idOf(subject)}`;
  const names = keys.map((_, index) => `k${index + 1}`);
  const keyed = keys.map((key, index) => `${key} AS ${names[index]}`).join(", ");
  const same = keys.map((key, index) => `${key} = s.${names[index]}`).join(" AND ");
  return {
    sql: `
      WITH doubled AS MATERIALIZED (
        SELECT ${keyed}, count(*) AS users FROM ${table} WHERE ${filter}${narrow === null ? "" : ` AND ${narrow}`}
        GROUP BY ${names.map((_, index) => index + 1).join(", ")} HAVING count(*) > 1),
      picked AS (
        SELECT ${names.join(", ")}, users, count(*) OVER () AS groups FROM doubled
        ORDER BY users DESC, ${names.join(", ")} LIMIT ${MOST_GROUPS})
      SELECT (array_agg(DISTINCT ${shown}))[1:${MOST_IDS}] AS shown,
        (array_agg(${id}::text ORDER BY ${id}))[1:${MOST_IDS}] AS ids, s.users::int AS users, s.groups::int AS groups
      FROM picked s JOIN ${table} ON ${same} AND ${filter}
      GROUP BY ${names.map((name) => `s.${name}`).join(", ")}, s.users, s.groups
      ORDER BY s.users DESC, ${names.map((name) => `s.${name}`).join(", ")}`,
    values: [],
  };
}

/** What names a row where the table has no key of one column. */
function idOf({ users }: Examined): string {
  const [id, ...more] = primaryKey(users);
  return id === undefined || more.length > 0 ? "ctid" : quoteIdentifier(id);
}

function groupsOf(rows: readonly Group[]): number {
  return rows[0]?.groups ?? 0;
}

function countGroups(rows: readonly Group[]): string {
  const groups = groupsOf(rows);
  return groups === 1 ? "One value" : `${groups} values`;
}

function listGroups(rows: readonly Group[]): string {
  const lines = rows.map(({ shown, ids, users }) => {
    const more = users > ids.length ? ` and ${users - ids.length} more` : "";
    return `${shown.join(", ")} (ids ${ids.join(", ")}${more})`;
  });
  const rest = groupsOf(rows) - rows.length;
  return rest > 0 ? `${lines.join("; ")}; and ${rest} more groups` : lines.join("; ");
}
