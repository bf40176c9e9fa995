import type { Queryable } from "../../postgres/client.ts";
import type { LockMode } from "../step.ts";

/** Somebody who holds a lock on one of the tables that conflicts with the one that is to be had. */
export interface Holder {
  /** Null for a prepared transaction: it has no process. */
  readonly pid: number | null;
  /** The virtual transaction: another one means that the process has ended the one before. */
  readonly transaction: string;
  readonly user: string | null;
  readonly application: string | null;
  readonly state: string | null;
  /** Seconds since the transaction began; null where the role may not see it. */
  readonly age: number | null;
  readonly query: string | null;
  readonly prepared: string | null;
  /** A process of the server's own: autovacuum. */
  readonly autovacuum: boolean;
}

/**
 * The modes that each strong mode conflicts with, as `pg_locks` names them; null: all of them.
 *
 * @see https://www.postgresql.org/docs/current/explicit-locking.html#TABLE-LOCK-COMPATIBILITY
 */
const CONFLICTS: Readonly<Record<LockMode, readonly string[] | null>> = {
  NONE: [],
  "SHARE UPDATE EXCLUSIVE": [
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
  ],
  "SHARE ROW EXCLUSIVE": [
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
  ],
  "ACCESS EXCLUSIVE": null,
};

/**
 * Parallel workers are left out: their leader holds the same lock. A prepared transaction is known by the
 * lock on its own number.
 */
const QUERY = `
  SELECT DISTINCT ON (l.pid, l.virtualtransaction) l.pid, l.virtualtransaction AS transaction,
    coalesce(a.usename, p.owner)::text AS "user", nullif(a.application_name, '') AS application, a.state,
    extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, p.prepared))::float8 AS age,
    a.query, p.gid AS prepared, a.pid IS NOT NULL AND a.usesysid IS NULL AS autovacuum
  FROM pg_locks l
  LEFT JOIN pg_stat_activity a ON a.pid = l.pid
  LEFT JOIN pg_locks t ON l.pid IS NULL AND t.pid IS NULL AND t.locktype = 'transactionid' AND t.virtualtransaction = l.virtualtransaction
  LEFT JOIN pg_prepared_xacts p ON p.transaction = t.transactionid
  WHERE l.locktype = 'relation' AND l.granted AND l.relation IN (SELECT to_regclass(n)::oid FROM unnest($1::text[]) n)
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND ($2::text[] IS NULL OR l.mode = ANY($2)) AND l.pid IS DISTINCT FROM pg_backend_pid() AND a.leader_pid IS NULL`;

/** Who holds any of the tables, as SQL names them, in a way that conflicts with the mode; longest first. */
export async function findHolders(
  client: Queryable,
  tables: readonly string[],
  mode: LockMode,
): Promise<Holder[]> {
  const { rows } = await client.query<Holder>(
    `SELECT * FROM (${QUERY}) h ORDER BY age DESC NULLS LAST LIMIT 100`,
    [tables, CONFLICTS[mode]],
  );
  return rows;
}

/** The same facts of processes that are known to be waited for. */
export async function describePids(client: Queryable, pids: readonly number[]): Promise<Holder[]> {
  const { rows } = await client.query<Holder>(
    `SELECT a.pid, '' AS transaction, a.usename::text AS "user", nullif(a.application_name, '') AS application, a.state,
       extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS age, a.query, NULL::text AS prepared, a.usesysid IS NULL AS autovacuum
     FROM pg_stat_activity a WHERE a.pid = ANY($1::int[]) ORDER BY age DESC NULLS LAST`,
    [pids],
  );
  return rows;
}

/** Every prepared transaction of the database, longest first: for one that is waited for, of which only that is known. */
export async function describePrepared(client: Queryable): Promise<Holder[]> {
  const { rows } = await client.query<Holder>(
    `SELECT NULL::int AS pid, '' AS transaction, p.owner::text AS "user", NULL::text AS application, NULL::text AS state,
       extract(epoch FROM clock_timestamp() - p.prepared)::float8 AS age, NULL::text AS query, p.gid AS prepared, false AS autovacuum
     FROM pg_prepared_xacts p WHERE p.database = current_database() ORDER BY age DESC LIMIT 10`,
  );
  return rows;
}
