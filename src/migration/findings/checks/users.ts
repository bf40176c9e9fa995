import { quoteIdentifier } from "../../../postgres/identifiers.ts";
import { findColumn, type Index, isUnique } from "../../../users-table/relation.ts";
import type { Examined, FindingCheck, Query } from "../check.ts";
import { columnEvidence, evidence, warning } from "../evidence.ts";
import { columnName, tableName, tableSql } from "../subject.ts";

const ownerGrant = ({ users, server }: Examined) =>
  `GRANT ${quoteIdentifier(users.owner)} TO ${quoteIdentifier(server.user)};`;

/** Usernames that are not unique, and rows that are marked as deleted: how a login treats them. */
export const usersCheck: FindingCheck = {
  id: "users",
  applies: () => true,
  query: () => null,
  judge: (_, subject) => [...repeatedUsernames(subject), ...deletedRows(subject)],
};

function repeatedUsernames(subject: Examined) {
  const { users, mapping } = subject;
  const { username } = mapping;
  if (username === null || findColumn(users, username) === undefined) return [];
  if (isUnique(users, [username]) || users.indexes.some((index) => folds(index, username))) return [];
  return [
    warning({
      code: "username_not_unique",
      object: columnName(subject, username),
      message: `Nothing keeps ${username} unique: a login by a username that two users have is refused, and so is a registration that meets one.`,
      fix: `CREATE UNIQUE INDEX CONCURRENTLY ON ${tableSql(subject)} (${quoteIdentifier(username)});`,
      evidence: evidence(
        {
          sql: "SELECT pg_get_indexdef(indexrelid) FROM pg_catalog.pg_index WHERE indrelid = $1::oid AND indisunique",
          values: [users.oid],
        },
        subject,
        `none over (${username})`,
      ),
    }),
  ];
}

/** Unique over lower(username) is unique all the more. */
function folds({ unique, valid, predicate, columns, expressions }: Index, username: string): boolean {
  if (!unique || !valid || predicate !== null || columns.length !== 1) return false;
  const bare = expressions?.replaceAll(/::text|[()"\s]/g, "") ?? "";
  return bare === `lower${username.replaceAll(/[()"\s]/g, "")}`;
}

function deletedRows(subject: Examined) {
  const column = findColumn(subject.users, subject.mapping.deleted);
  if (column === undefined) return [];
  const set = column.baseType === "bool" ? "is true" : "is set";
  return [
    warning({
      code: "deleted_rows",
      object: columnName(subject, column.name),
      message: `A user whose ${column.name} ${set} counts as deleted: no login, and the address and the username stay taken.`,
      fix: `Nothing is to be done if that is right; otherwise set mapping.deleted to null.`,
      evidence: columnEvidence(subject, column.name),
    }),
  ];
}

interface Count {
  readonly users: number;
}

/** Usernames with an `@`: a login by that text means the email of that name (C3). */
export const usernamesWithAtCheck: FindingCheck<Count> = {
  id: "usernames-with-at",
  advice: () => true,
  applies: ({ users, mapping, provenance }) =>
    provenance === null && findColumn(users, mapping.username) !== undefined && !users.forceRowSecurity,
  query: withAtQuery,
  permit: ownerGrant,
  judge: ([count], subject) => {
    const { username } = subject.mapping;
    if (count === undefined || count.users === 0 || username === null) return [];
    return [
      warning({
        code: "usernames_with_at",
        object: columnName(subject, username),
        message: `${count.users === 1 ? "One username contains" : `${count.users} usernames contain`} an @: in a login by "email" it never means a username, so these users sign in where the application sends it as "username".`,
        fix: "Tell these users, or rename them; nothing else is to be done.",
        evidence: evidence(withAtQuery(subject), subject, String(count.users)),
      }),
    ];
  },
};

function withAtQuery(subject: Examined): Query {
  const username = quoteIdentifier(subject.mapping.username ?? "");
  return {
    sql: `SELECT count(*)::int AS users FROM ${tableSql(subject)} WHERE strpos(${username}::text, '@') > 0`,
    values: [],
  };
}

interface HashCount {
  readonly format: string;
  readonly users: number;
}

/** Hashes that stand in the table before the graft: by whom they are understood. */
export const existingHashesCheck: FindingCheck<HashCount> = {
  id: "existing-hashes",
  advice: () => true,
  applies: ({ users, mapping, provenance }) =>
    provenance === null && findColumn(users, mapping.password_hash) !== undefined && !users.forceRowSecurity,
  query: hashesQuery,
  permit: ownerGrant,
  judge: (rows, subject) => {
    const total = rows.reduce((sum, { users }) => sum + users, 0);
    if (total === 0) return [];
    const { password_hash: hash } = subject.mapping;
    const rehash = subject.configuration.passwords.rehash ?? "never";
    const later =
      rehash === "never"
        ? "They are verified as they are and not renewed at login (passwords.rehash), because the application may verify them itself."
        : "They are renewed at login (passwords.rehash): the application itself must understand the new ones.";
    return [
      warning({
        code: "existing_hashes",
        object: columnName(subject, hash),
        message: `${total} users of ${tableName(subject)} have a password hash already. ${later}`,
        fix: 'Set passwords.rehash to "on-login" once only Authgraft verifies passwords, or leave it at "never".',
        evidence: evidence(
          hashesQuery(subject),
          subject,
          rows.map(({ format, users }) => `${format}: ${users}`).join(", "),
        ),
      }),
    ];
  },
};

/** Families by how they begin; of anything else nothing is shown, it could be a password. */
function hashesQuery(subject: Examined): Query {
  const hash = `${quoteIdentifier(subject.mapping.password_hash)}::text`;
  return {
    sql: `
      SELECT CASE WHEN ${hash} ~ '^[$]2[abxy]?[$]' THEN 'bcrypt' WHEN ${hash} ~ '^[$]argon2' THEN 'argon2'
        WHEN ${hash} ~ '^[$]?pbkdf2' THEN 'pbkdf2' WHEN ${hash} ~ '^[$]?scrypt' THEN 'scrypt' ELSE 'other' END AS format,
        count(*)::int AS users
      FROM ${tableSql(subject)} WHERE ${hash} <> '' GROUP BY 1 ORDER BY 2 DESC`,
    values: [],
  };
}
