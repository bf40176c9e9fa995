import { findColumn, primaryKey } from "../../../users-table/relation.ts";
import type { Examined, FindingCheck, Query } from "../check.ts";
import { evidence, refusal } from "../evidence.ts";
import { columnName } from "../subject.ts";

interface TypeFacts {
  /** The domain, innermost first, that takes no NULL. */
  readonly domain: string | null;
  readonly deterministic: boolean;
  readonly collation: string | null;
}

/** What the catalog says of a key's type that its name does not tell. */
export const primaryKeyTypeCheck: FindingCheck<TypeFacts> = {
  id: "primary-key-type",
  applies: ({ users }) => primaryKey(users).length === 1,
  query,
  judge: (rows, subject) => {
    const [facts] = rows;
    const name = primaryKey(subject.users)[0] ?? "";
    if (facts === undefined) return [];
    const base = findColumn(subject.users, name)?.baseType;
    const found = (code: string, message: string, fix: string, answer: string) =>
      refusal({
        code,
        object: columnName(subject, name),
        message,
        fix,
        evidence: evidence(query(subject), subject, answer),
      });
    return [
      ...(facts.domain === null
        ? []
        : [
            found(
              "primary_key_domain_not_null",
              `The type of ${name}, ${facts.domain}, is a domain that takes no NULL: deleting a user would fail, because revoked_tokens.user_id becomes NULL then.`,
              `ALTER DOMAIN ${facts.domain} DROP NOT NULL;`,
              `${facts.domain} is NOT NULL`,
            ),
          ]),
      ...(facts.deterministic
        ? []
        : [
            found(
              "primary_key_collation",
              `The primary key ${name} compares by the nondeterministic collation ${facts.collation}: texts that differ in bytes are one id to it, and PostgreSQL 18 lets no column of another collation refer to it.`,
              `Give the column a deterministic collation: ALTER COLUMN ${name} TYPE ${base === "varchar" ? "varchar" : "text"} COLLATE "C", on it and on every column that refers to it.`,
              `${facts.collation} is nondeterministic`,
            ),
          ]),
    ];
  },
};

function query({ users }: Examined): Query {
  return {
    sql: `
      SELECT (WITH RECURSIVE chain AS (
          SELECT t.oid, t.typbasetype, t.typnotnull FROM pg_catalog.pg_type t WHERE t.oid = a.atttypid
          UNION ALL
          SELECT t.oid, t.typbasetype, t.typnotnull FROM pg_catalog.pg_type t JOIN chain c ON t.oid = c.typbasetype)
        SELECT c.oid::regtype::text FROM chain c WHERE c.typnotnull LIMIT 1) AS domain,
        coalesce(l.collisdeterministic, true) AS deterministic, l.collname::text AS collation
      FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
      WHERE a.attrelid = $1::oid AND a.attnum > 0 AND a.attname = $2`,
    values: [users.oid, primaryKey(users)[0] ?? ""],
  };
}
