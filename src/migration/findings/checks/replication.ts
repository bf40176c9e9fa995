import { findColumn } from "../../../users-table/relation.ts";
import { missingColumns, requiredProviderColumns } from "../../users-objects.ts";
import type { Examined, FindingCheck, Query } from "../check.ts";
import { acceptableRefusal, evidence } from "../evidence.ts";
import { isPending, tableName, tableSql } from "../subject.ts";

interface Publication {
  readonly name: string;
  readonly scope: "table" | "schema" | "all";
  /** The columns it sends where it lists them; null: all of them, the new ones too. */
  readonly columns: readonly number[] | null;
}

/** Publications that send this table's changes to other servers. */
export const publicationsCheck: FindingCheck<Publication> = {
  id: "publications",
  applies: isPending,
  query: publicationsQuery,
  judge: (rows, subject) =>
    rows
      .filter((publication) => sendsTheChange(publication, subject))
      .map(({ name, scope }) =>
        acceptableRefusal({
          code: "published",
          object: name,
          message: `The publication ${name} sends ${tableName(subject)} to other servers, password hashes too from then on. Each of them stops at the first row it cannot take: one with a column that it lacks, or with NULL where it allows none.${newTables(scope)}`,
          fix: subscriberFix(subject, name, scope),
          evidence: evidence(publicationsQuery(subject), subject, `${name} (${SCOPES[scope]})`),
        }),
      ),
};

const SCOPES = { table: "FOR TABLE", schema: "FOR TABLES IN SCHEMA", all: "FOR ALL TABLES" } as const;

function newTables(scope: Publication["scope"]): string {
  if (scope === "table") return "";
  const what = scope === "all" ? "revoked_tokens and the graft's own schema" : "revoked_tokens";
  return ` It will send ${what} too, and subscribers stop at those until they have such tables.`;
}

/** A list of columns stays as it is; what it sends can still become NULL. */
function sendsTheChange({ columns }: Publication, subject: Examined): boolean {
  if (columns === null) return true;
  return requiredProviderColumns(subject).some((name) => {
    const number = findColumn(subject.users, name)?.number;
    return number !== undefined && columns.includes(number);
  });
}

/** Subscribers first: a column that only they have is left at its default, one that only we have stops them. */
function subscriberFix(subject: Examined, name: string, scope: Publication["scope"]): string {
  const changes = [
    ...missingColumns(subject).map(
      ({ name: column, definition }) => `ADD COLUMN "${column.replaceAll('"', '""')}" ${definition}`,
    ),
    ...requiredProviderColumns(subject).map(
      (column) => `ALTER COLUMN "${column.replaceAll('"', '""')}" DROP NOT NULL`,
    ),
  ];
  const first =
    changes.length === 0
      ? "Make the graft's tables on every subscriber first"
      : `On every subscriber of ${name} run first: ALTER TABLE ${tableSql(subject)} ${changes.join(", ")};`;
  const tables =
    scope === "table" || changes.length === 0
      ? ""
      : ` Make the graft's tables there as well, or limit the publication to the tables it needs.`;
  return `${first}${tables} Then accept this refusal: "published" in accept, or --accept published.`;
}

/** Publications of whole schemas came with 15. */
function publicationsQuery({ users, server }: Examined): Query {
  const bySchema = server.version >= 150_000;
  return {
    sql: `
      SELECT p.pubname::text AS name,
        CASE WHEN p.puballtables THEN 'all' WHEN r.oid IS NOT NULL THEN 'table' ELSE 'schema' END AS scope,
        nullif(to_jsonb(r) -> 'prattrs', 'null'::jsonb) AS columns
      FROM pg_catalog.pg_class c CROSS JOIN pg_catalog.pg_publication p
      LEFT JOIN pg_catalog.pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = c.oid
      ${bySchema ? "LEFT JOIN pg_catalog.pg_publication_namespace n ON n.pnpubid = p.oid AND n.pnnspid = c.relnamespace" : ""}
      WHERE c.oid = $1::oid AND (p.puballtables OR r.oid IS NOT NULL ${bySchema ? "OR n.oid IS NOT NULL" : ""}) ORDER BY 1`,
    values: [users.oid],
  };
}

interface Subscription {
  readonly name: string;
  readonly enabled: boolean;
}

/** Subscriptions whose changes arrive in this table. */
export const subscriptionsCheck: FindingCheck<Subscription> = {
  id: "subscriptions",
  applies: isPending,
  query: subscriptionsQuery,
  judge: (rows, subject) =>
    rows.map(({ name, enabled }) =>
      acceptableRefusal({
        code: "subscribed",
        object: name,
        message: `The subscription ${name} writes ${tableName(subject)} from another server: that server knows nothing of passwords set here, and its next row that breaks the unique email stops the subscription.`,
        fix: `Graft the server where the rows come from, and let this one follow. Or, where both are meant to be written, accept this refusal: "subscribed" in accept, or --accept subscribed.`,
        evidence: evidence(subscriptionsQuery(subject), subject, `${name}${enabled ? "" : " (disabled)"}`),
      }),
    ),
};

function subscriptionsQuery({ users }: Examined): Query {
  return {
    sql: `
      SELECT s.subname::text AS name, s.subenabled AS enabled
      FROM pg_catalog.pg_subscription_rel r JOIN pg_catalog.pg_subscription s ON s.oid = r.srsubid
      WHERE r.srrelid = $1::oid ORDER BY 1`,
    values: [users.oid],
  };
}
