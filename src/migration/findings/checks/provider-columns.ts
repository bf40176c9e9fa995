import { quoteIdentifier } from "../../../postgres/identifiers.ts";
import { TEXT_TYPES } from "../../../users-table/mapping.ts";
import { findColumn, type Index } from "../../../users-table/relation.ts";
import type { Finding } from "../../finding.ts";
import { requiredProviderColumns } from "../../users-objects.ts";
import type { Examined, FindingCheck, Query } from "../check.ts";
import { acceptableRefusal, columnEvidence, evidence, refusal } from "../evidence.ts";
import { columnName, registers, tableName, tableSql } from "../subject.ts";

/** What a user who registered with a password has for a provider (B4). */
const PASSWORD_PROVIDER = "email";

/** Columns of OAuth accounts: can a user without a provider stand in the table? */
export const providerColumnsCheck: FindingCheck = {
  id: "provider-columns",
  applies: ({ mapping }) => mapping.auth_provider !== null || mapping.auth_provider_id !== null,
  query: () => null,
  judge: (_, subject) => [
    ...replicaIdentity(subject),
    ...nullsNotDistinct(subject),
    ...badType(subject),
    ...valueChecks(subject),
  ],
};

function replicaIdentity(subject: Examined): Finding[] {
  const { replicaIdentityIndex, indexes } = subject.users;
  const index = indexes.find(({ name }) => name === replicaIdentityIndex);
  const caught = requiredProviderColumns(subject).filter((name) => index?.columns.includes(name));
  if (index === undefined || caught.length === 0) return [];
  return [
    refusal({
      code: "provider_in_replica_identity",
      object: index.name,
      message: `${caught.join(" and ")} must become nullable, and PostgreSQL refuses that while the index ${index.name} is the table's replica identity.`,
      fix: `ALTER TABLE ${tableSql(subject)} REPLICA IDENTITY DEFAULT;`,
      evidence: indexEvidence(subject, index),
    }),
  ];
}

/** UNIQUE NULLS NOT DISTINCT over (provider, provider id): a second ('email', NULL) is a duplicate. */
function nullsNotDistinct(subject: Examined): Finding[] {
  const { mapping, users } = subject;
  const own = [mapping.id, mapping.username, mapping.email];
  const id = mapping.auth_provider_id;
  return users.indexes
    .filter(({ unique, nullsNotDistinct: strict }) => unique && strict)
    .filter(
      ({ columns }) => columns.includes(id) && !columns.some((name) => name !== null && own.includes(name)),
    )
    .map((index) =>
      refusal({
        code: "provider_nulls_not_distinct",
        object: index.name,
        message: `${index.name} is UNIQUE NULLS NOT DISTINCT: users who register with a password have no ${id ?? ""}, so the second of them is refused.`,
        fix: withoutStrictNulls(subject, index),
        evidence: indexEvidence(subject, index),
      }),
    );
}

function withoutStrictNulls(subject: Examined, index: Index): string {
  const table = tableSql(subject);
  const plain = index.definition.replace(" NULLS NOT DISTINCT", "");
  if (index.constraint === null) {
    return `DROP INDEX ${quoteIdentifier(subject.users.schema)}.${quoteIdentifier(index.name)};\n${plain};`;
  }
  const columns = index.columns.map((name) => quoteIdentifier(name ?? "")).join(", ");
  const name = quoteIdentifier(index.constraint);
  return `ALTER TABLE ${table} DROP CONSTRAINT ${name}, ADD CONSTRAINT ${name} UNIQUE (${columns});`;
}

function indexEvidence(subject: Examined, index: Index) {
  return evidence(
    {
      sql: "SELECT pg_get_indexdef(indexrelid), indisreplident FROM pg_catalog.pg_index WHERE indrelid = $1::oid",
      values: [subject.users.oid],
    },
    subject,
    index.definition,
  );
}

function badType(subject: Examined): Finding[] {
  const { mapping, users } = subject;
  const provider = findColumn(users, mapping.auth_provider);
  const id = findColumn(users, mapping.auth_provider_id);
  const short = provider?.maximumLength != null && provider.maximumLength < PASSWORD_PROVIDER.length;
  return [
    { role: "auth_provider", column: provider, short },
    { role: "auth_provider_id", column: id, short: false },
  ].flatMap(({ role, column, short: tooShort }) => {
    if (column === undefined || (TEXT_TYPES.has(column.baseType) && !tooShort)) return [];
    return [
      refusal({
        code: "provider_type",
        object: columnName(subject, column.name),
        message: `${column.name} is of type ${column.type}: ${role} has to take texts such as '${PASSWORD_PROVIDER}'.`,
        fix: `Set mapping.${role} to the column that holds it as text, or to null to leave ${column.name} alone.`,
        evidence: columnEvidence(subject, column.name),
      }),
    ];
  });
}

/** CHECK constraints over the provider alone that list values, and 'email' not among them. */
function valueChecks(subject: Examined): Finding[] {
  const { mapping, users } = subject;
  const column = mapping.auth_provider;
  if (column === null || !registers(subject)) return [];
  return users.constraints
    .filter(({ type, columns }) => type === "c" && columns.join("\0") === column)
    .filter(({ definition }) => /'[^']+'/.test(definition) && !definition.includes(`'${PASSWORD_PROVIDER}'`))
    .map(({ name, definition }) => {
      const quoted = quoteIdentifier(name);
      const condition = definition.slice(definition.indexOf("(") + 1, definition.lastIndexOf(")"));
      return acceptableRefusal({
        code: "provider_check",
        object: name,
        message: `The constraint ${name} of ${tableName(subject)} seems not to let ${column} be '${PASSWORD_PROVIDER}', which it is for users who register with a password: every registration would fail.`,
        fix: `ALTER TABLE ${tableSql(subject)} DROP CONSTRAINT ${quoted}, ADD CONSTRAINT ${quoted} CHECK ((${condition}) OR ${quoteIdentifier(column)} = '${PASSWORD_PROVIDER}') NOT VALID;\nALTER TABLE ${tableSql(subject)} VALIDATE CONSTRAINT ${quoted};`,
        evidence: evidence(
          {
            sql: "SELECT conname, pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint WHERE conrelid = $1::oid AND contype = 'c'",
            values: [users.oid],
          },
          subject,
          definition,
        ),
      });
    });
}

interface DomainFacts {
  readonly column: string;
  readonly domain: string;
}

/** Provider columns of a domain that takes no NULL: DROP NOT NULL on the column does not help. */
export const providerDomainCheck: FindingCheck<DomainFacts> = {
  id: "provider-domain",
  applies: ({ mapping }) => mapping.auth_provider !== null || mapping.auth_provider_id !== null,
  query: domainQuery,
  judge: (rows, subject) =>
    rows.map(({ column, domain }) =>
      refusal({
        code: "provider_domain_not_null",
        object: columnName(subject, column),
        message: `${column} must become nullable, and its type ${domain} is a domain that takes no NULL.`,
        fix: `ALTER DOMAIN ${domain} DROP NOT NULL;`,
        evidence: evidence(domainQuery(subject), subject, `${column}: ${domain}`),
      }),
    ),
};

function domainQuery({ users, mapping }: Examined): Query {
  return {
    sql: `
      WITH RECURSIVE chain AS (
        SELECT a.attname, t.oid, t.typbasetype, t.typnotnull
        FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
        WHERE a.attrelid = $1::oid AND a.attnum > 0 AND a.attname = ANY ($2::text[])
        UNION ALL
        SELECT c.attname, t.oid, t.typbasetype, t.typnotnull FROM chain c JOIN pg_catalog.pg_type t ON t.oid = c.typbasetype)
      SELECT attname::text AS column, oid::regtype::text AS domain FROM chain WHERE typnotnull ORDER BY 1`,
    values: [users.oid, [mapping.auth_provider, mapping.auth_provider_id].filter((name) => name !== null)],
  };
}
