import { quoteIdentifier } from "../../../postgres/identifiers.ts";
import { missingColumns } from "../../users-objects.ts";
import type { Examined, FindingCheck, Query } from "../check.ts";
import { evidence, shorten, warning } from "../evidence.ts";
import { stars } from "../functions/mentions.ts";
import { readStatements } from "../functions/statement.ts";
import { tableName } from "../subject.ts";

interface Seen {
  readonly kind: "statement" | "client";
  readonly text: string;
}

/** How the drivers that prepare by themselves announce themselves. */
const DRIVERS: readonly (readonly [string, RegExp])[] = [
  ["JDBC", /jdbc|hikari|java/i],
  ["ActiveRecord", /puma|rails|sidekiq|unicorn/i],
  ["pgx", /pgx/i],
  ["asyncpg", /asyncpg/i],
  ["Npgsql", /npgsql/i],
];

/** Statements with a star, prepared before a column is added, fail on their connection from then on. */
export const preparedStatementsCheck: FindingCheck<Seen> = {
  id: "prepared-statements",
  applies: (subject) => missingColumns(subject).length > 0,
  query,
  judge: (rows, subject) => {
    const seen = (kind: Seen["kind"]) => rows.filter((row) => row.kind === kind).map(({ text }) => text);
    const starred = seen("statement").filter((text) =>
      readStatements(text).some((statement) => stars(statement, subject.users).length > 0),
    );
    const drivers = DRIVERS.filter(([, sign]) => seen("client").some((name) => sign.test(name)));
    return [
      warning({
        code: "prepared_select_star",
        object: tableName(subject),
        message: `A SELECT * or RETURNING * over ${tableName(subject)} that was prepared before the change fails after it with "cached plan must not change result type", and goes on failing on that connection. JDBC, pgx, asyncpg and ActiveRecord prepare by themselves; outside a transaction they retry, inside one the transaction fails.`,
        fix: `Recycle the application's connections right after up. Where that cannot be, name the columns instead of the star, or switch preparing off for the change (JDBC prepareThreshold=0, pgx default_query_exec_mode=exec, asyncpg statement_cache_size=0, ActiveRecord prepared_statements: false).`,
        evidence: evidence(
          query(subject),
          subject,
          answer(
            starred,
            drivers.map(([name]) => name),
            subject,
          ),
        ),
      }),
    ];
  },
};

function answer(starred: readonly string[], drivers: readonly string[], subject: Examined): string {
  const parts = [
    ...(starred.length > 0 ? [shorten(starred.map(oneLine), 5)] : []),
    ...(drivers.length > 0 ? [`connected: ${drivers.join(", ")}`] : []),
  ];
  if (parts.length > 0) return parts.join("; ");
  return subject.statementsSchema === null
    ? "no such driver is connected; without pg_stat_statements the statements are not known"
    : "no such statement and no such driver seen";
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > 100 ? `${line.slice(0, 100)}…` : line;
}

function query({ statementsSchema, users }: Examined): Query {
  const clients = `
      SELECT DISTINCT 'client' AS kind, application_name AS text FROM pg_catalog.pg_stat_activity
      WHERE datname = current_database() AND usesysid IS NOT NULL AND application_name <> ''`;
  if (statementsSchema === null) return { sql: clients, values: [] };
  return {
    sql: `${clients}
      UNION ALL
      (SELECT 'statement', left(s.query, 2000) FROM ${quoteIdentifier(statementsSchema)}.pg_stat_statements s
      WHERE s.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
        AND strpos(left(s.query, 2000), '*') > 0 AND strpos(lower(left(s.query, 2000)), $1) > 0
      ORDER BY s.calls DESC LIMIT 200)`,
    values: [users.name.toLowerCase().replaceAll('"', '""')],
  };
}
