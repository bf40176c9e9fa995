import { quoteIdentifier, quoteLiteral } from "../../../postgres/identifiers.ts";
import type { Examined, FindingCheck, Query } from "../check.ts";
import { evidence, warning } from "../evidence.ts";
import { isPending, tableName } from "../subject.ts";

interface Holder {
  readonly pid: number;
  readonly application: string | null;
  readonly state: string | null;
  /** Null where the role may not see it. */
  readonly seconds: number | null;
  readonly holds: boolean;
}

/** Seconds after which a transaction that holds the table, or an old snapshot, is worth a word. */
const HELD_LONG = 1;
const SNAPSHOT_OLD = 30;

/** Transactions that are open on the table for long, or whose snapshot an index build would wait for. */
export const transactionsCheck: FindingCheck<Holder> = {
  id: "transactions",
  applies: isPending,
  query: holdersQuery,
  judge: (rows, subject) =>
    rows.map(({ pid, application, state, seconds, holds }) => {
      const who = `Process ${pid}${application ? ` (${application})` : ""}`;
      const long = seconds === null ? "" : ` for ${Math.round(seconds)} seconds`;
      return warning({
        code: "long_transaction",
        object: `process ${pid}`,
        message: holds
          ? `${who} has ${tableName(subject)} in an open transaction${long}${state === null ? "" : `, ${state}`}: up has to wait until it ends.`
          : `${who} has been in a transaction${long}: building the index waits until every older transaction of the database has ended.`,
        fix: `SELECT pg_terminate_backend(${pid});`,
        evidence: evidence(holdersQuery(subject), subject, `${pid}${long}`),
      });
    }),
};

/** Of another role's process the kind is hidden too; those of the server itself have no role. */
function holdersQuery({ users }: Examined): Query {
  return {
    sql: `
      SELECT a.pid, nullif(a.application_name, '') AS application, a.state,
        extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS seconds, l.pid IS NOT NULL AS holds
      FROM pg_catalog.pg_stat_activity a
      LEFT JOIN (SELECT DISTINCT pid FROM pg_catalog.pg_locks WHERE locktype = 'relation' AND granted AND relation = $1::oid
        AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())) l ON l.pid = a.pid
      WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.usesysid IS NOT NULL
        AND ((l.pid IS NOT NULL AND (a.xact_start IS NULL OR a.xact_start < clock_timestamp() - make_interval(secs => $2::float8)))
          OR (a.backend_xmin IS NOT NULL AND a.xact_start < clock_timestamp() - make_interval(secs => $3::float8)))
      ORDER BY a.xact_start NULLS LAST LIMIT 10`,
    values: [users.oid, HELD_LONG, SNAPSHOT_OLD],
  };
}

interface Prepared {
  readonly gid: string;
  readonly owner: string;
}

/** Transactions prepared for two-phase commit: their locks outlive every connection. */
export const preparedTransactionsCheck: FindingCheck<Prepared> = {
  id: "prepared-transactions",
  applies: isPending,
  query: preparedQuery,
  judge: (rows, subject) =>
    rows.map(({ gid, owner }) =>
      warning({
        code: "prepared_transaction",
        object: gid,
        message: `The transaction ${gid}, prepared by ${owner}, holds ${tableName(subject)} until somebody commits it or rolls it back: up cannot alter the table before.`,
        fix: `As ${owner}, in this database: COMMIT PREPARED ${quoteLiteral(gid)}; or ROLLBACK PREPARED ${quoteLiteral(gid)};`,
        evidence: evidence(preparedQuery(subject), subject, gid),
      }),
    ),
};

function preparedQuery({ users }: Examined): Query {
  return {
    sql: `
      SELECT p.gid, p.owner::text AS owner FROM pg_catalog.pg_prepared_xacts p
      WHERE p.database = current_database() AND EXISTS (SELECT FROM pg_catalog.pg_locks l
        JOIN pg_catalog.pg_locks x ON x.virtualtransaction = l.virtualtransaction AND x.pid IS NULL
        WHERE l.locktype = 'relation' AND l.relation = $1::oid AND l.pid IS NULL
          AND x.locktype = 'transactionid' AND x.transactionid = p.transaction)
      ORDER BY p.prepared`,
    values: [users.oid],
  };
}

interface Sight {
  readonly sees: boolean;
}

/** What others do is hidden from an ordinary role: who holds the table, and since when. */
export const statisticsCheck: FindingCheck<Sight> = {
  id: "statistics",
  applies: isPending,
  query: () => SIGHT,
  judge: ([sight], subject) =>
    sight?.sees === false
      ? [
          warning({
            code: "statistics_hidden",
            object: subject.server.user,
            message: `${subject.server.user} cannot see the queries and transactions of other roles, so neither plan nor up can tell who stands in the way for how long.`,
            fix: `GRANT pg_read_all_stats TO ${quoteIdentifier(subject.server.user)};`,
            evidence: evidence(SIGHT, subject, "false"),
          }),
        ]
      : [],
};

const SIGHT: Query = {
  sql: "SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS sees",
  values: [],
};
