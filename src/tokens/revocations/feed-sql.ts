import { qualify } from "../../postgres/identifiers.ts";

/** What the head of the feed says. */
export interface FeedHead {
  readonly snapshot: string;
  readonly identity: string;
  /** Since when triggers have been writing the feed, in seconds since 1970; null where they do not. */
  readonly written_since: number | null;
  /** Transactions that were on their way at the position asked about, and have left something since. */
  readonly late: readonly string[] | null;
  /** Which process of the server answered. */
  readonly backend: number;
  /** Whether a failover has left us on a server that is not the primary any more. */
  readonly is_read_only: boolean;
  /** A digest of the signing keys' times. */
  readonly signing_keys: string;
  /** Whether anything was left by transactions that began after it. */
  readonly has_new: boolean;
}

/**
 * Where the feed stands, and whether there is anything behind position $1.
 *
 * A snapshot says which transactions it sees, so what is new is what the one before did not: nothing is missed
 * that commits late, and nothing is read twice. Snapshots of another server, of another timeline after a failover,
 * of a time before the server was started, with a copy of its data perhaps, or of another table mean nothing here,
 * which the identity tells.
 *
 * @see https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SNAPSHOT
 */
export function headSql(schema: string): string {
  const table = qualify(schema, "revocations");
  return `SELECT pg_current_snapshot()::text AS snapshot,
    concat_ws('.', (SELECT system_identifier FROM pg_control_system()), left(pg_walfile_name(pg_current_wal_lsn()), 8),
      (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::int8,
      (SELECT oid FROM pg_database WHERE datname = current_database()),
      to_regclass($2)::oid) AS identity,
    (SELECT extract(epoch FROM max(recorded_at))::float8 FROM ${qualify(schema, "provenance")}
      WHERE step IN ('revocations', 'revocation-feed') AND EXISTS (
        SELECT FROM ${qualify(schema, "provenance")} WHERE step = 'revocation-feed')) AS written_since,
    (SELECT coalesce(sum(hashtextextended(concat_ws(' ', kid, active_at, retired_at, expires_at), 0)), 0)::text
      FROM ${qualify(schema, "signing_keys")}) AS signing_keys,
    pg_backend_pid() AS backend, current_setting('transaction_read_only') = 'on' AS is_read_only,
    ARRAY(SELECT DISTINCT transaction_id::text FROM ${table}
      WHERE transaction_id = ANY(ARRAY(SELECT pg_snapshot_xip($1::text::pg_snapshot)))) AS late,
    EXISTS (SELECT FROM ${table} WHERE transaction_id >= pg_snapshot_xmax($1::text::pg_snapshot)) AS has_new`;
}

/**
 * The head together with the first page of what began after position $1, for somebody who is told of news and has to
 * know soon: one question instead of two.
 */
export function newsSql(schema: string): string {
  return `WITH head AS MATERIALIZED (${headSql(schema)})
    SELECT head.*, news.* FROM head CROSS JOIN LATERAL (${packSql(
      `
      SELECT * FROM ${qualify(schema, "revocations")}
       WHERE (transaction_id, id) > (pg_snapshot_xmax($1::text::pg_snapshot), 0::int8)
         AND transaction_id < pg_snapshot_xmax(head.snapshot::pg_snapshot)
         AND expires_at > now() - interval '1 minute'
       ORDER BY transaction_id, id LIMIT $3::int`,
      "$3",
    )}) news`;
}

/** The table of the feed, as `headSql` is given it in $2. */
export function feedTable(schema: string): string {
  return qualify(schema, "revocations");
}

/** Some rows of the feed. */
export interface FeedPage {
  /** Packed entries, as `addPacked` takes them. */
  readonly entries: Buffer | null;
  readonly count: number;
  /** Rows of the page; fewer than were asked for where it is the last one. */
  readonly rows: number;
  /** Of the last row of a full page, after which the next one begins; null where there is none. */
  readonly last_transaction: string | null;
  readonly last_id: string | null;
  /** What is older than this, in seconds since 1970, is the business of the database. */
  readonly asked_before: number | null;
}

/**
 * Up to $5 rows of the transactions from $1 up to before $2, those after row $4 of transaction $3, packed by the
 * server: one value is read many times faster than many rows. Where to begin is one condition, because of two an index
 * scan begins at the weaker one.
 */
export function pageSql(schema: string): string {
  return packSql(
    `SELECT * FROM ${qualify(schema, "revocations")}
      WHERE transaction_id < $2::text::xid8
        AND (transaction_id, id) > (greatest($1::text::xid8, $3::text::xid8),
          CASE WHEN $3::text::xid8 >= $1::text::xid8 THEN $4::text::int8 ELSE 0 END) AND expires_at > now() - interval '1 minute'
      ORDER BY transaction_id, id LIMIT $5::int`,
    "$5",
  );
}

/** Packs the rows that a query brings in order, of which there are so many at the most. */
function packSql(rows: string, limit: string): string {
  const seconds = (expression: string) =>
    `substr(int8send(least(ceil(date_part('epoch', ${expression})), 4294967295)::int8), 5)`;
  return `WITH page AS MATERIALIZED (${rows})
    SELECT string_agg(substr(key, 1, 12) || ${seconds("expires_at")} || substr(int8send(generation), 5), ''::bytea)
      FILTER (WHERE key IS NOT NULL) AS entries,
    count(key)::int AS count, count(*)::int AS rows,
    (SELECT transaction_id::text FROM page OFFSET ${limit}::int - 1 LIMIT 1) AS last_transaction,
    (SELECT id::text FROM page OFFSET ${limit}::int - 1 LIMIT 1) AS last_id,
    date_part('epoch', max(created_at) FILTER (WHERE key IS NULL)) AS asked_before
    FROM page`;
}
