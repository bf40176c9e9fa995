import type { Queryable } from "../../postgres/client.ts";

/** Somebody whose lock on the table stands in the way of a strong one. */
export interface Blocker {
  readonly pid: number | null;
  readonly user: string | null;
  readonly application: string | null;
  readonly state: string | null;
  /** Seconds since their transaction began. */
  readonly age: number | null;
  readonly prepared: string | null;
}

/**
 * Who holds any lock on the table, longest first. A prepared transaction has no process; it is known by the lock on
 * its own number.
 */
export async function findBlockers(client: Queryable, tableOid: string): Promise<Blocker[]> {
  const { rows } = await client.query<Blocker>(
    `SELECT l.pid, coalesce(a.usename, p.owner)::text AS "user", nullif(a.application_name, '') AS application, a.state,
       extract(epoch FROM now() - coalesce(a.xact_start, p.prepared))::float8 AS age, p.gid AS prepared
     FROM pg_locks l
     LEFT JOIN pg_stat_activity a ON a.pid = l.pid
     LEFT JOIN pg_locks t ON l.pid IS NULL AND t.pid IS NULL AND t.locktype = 'transactionid' AND t.virtualtransaction = l.virtualtransaction
     LEFT JOIN pg_prepared_xacts p ON p.transaction = t.transactionid
     WHERE l.locktype = 'relation' AND l.relation = $1::oid AND l.granted
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND l.pid IS DISTINCT FROM pg_backend_pid()
     ORDER BY age DESC NULLS LAST LIMIT 5`,
    [tableOid],
  );
  return rows;
}

/** Blockers in words: `pid 4711 (report, psql, idle in transaction for 12 s)`. */
export function describeBlockers(blockers: readonly Blocker[]): string {
  if (blockers.length === 0) return "many short transactions";
  return blockers.map(describeBlocker).join("; ");
}

function describeBlocker({ pid, user, application, state, age, prepared }: Blocker): string {
  if (prepared !== null) return `the prepared transaction '${prepared}' of ${user}`;
  const since = age === null ? "" : ` for ${age.toFixed(age < 10 ? 1 : 0)} s`;
  const details = [user, application, state === null ? null : `${state}${since}`].filter(
    (part) => part !== null,
  );
  return `pid ${pid}${details.length === 0 ? "" : ` (${details.join(", ")})`}`;
}
