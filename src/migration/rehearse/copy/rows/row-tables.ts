import type { Queryable } from "../../../../postgres/client.ts";
import { isCopied } from "../definitions/scope.ts";

/** A table as far as its rows go. Names are quoted, with their schemas. */
export interface RowTable {
  readonly oid: string;
  readonly name: string;
  readonly schema: string;
  readonly relation: string;
  readonly partitioned: boolean;
  /** The partitioned table that it is a part of in the end; its own oid where it is none. */
  readonly root: string;
  /** Whether its rows are read here: of a partitioned table all at once, of a partition not again. */
  readonly whole: boolean;
  /** Without the generated ones, quoted. */
  readonly columns: readonly string[];
  /** The primary key's columns, quoted. */
  readonly key: readonly string[];
  readonly readable: boolean;
  /** Whether row-level security hides rows from the connection's role. */
  readonly guarded: boolean;
  readonly estimate: number;
}

const HAS_FOREIGN_PARTS = `EXISTS (SELECT FROM pg_partition_tree(coalesce(pg_partition_root(c.oid), c.oid)) p
  JOIN pg_class f ON f.oid = p.relid WHERE f.relkind = 'f')`;

/** Rows that it has: as the last ANALYZE counted, or guessed from its size, rather too few. */
const ESTIMATE = `(SELECT coalesce(sum(CASE WHEN l.reltuples >= 0 THEN l.reltuples ELSE pg_relation_size(l.oid) / 1000 END), 0)
  FROM pg_class l WHERE l.relkind = 'r' AND (l.oid = c.oid OR c.relkind = 'p' AND l.oid IN (SELECT relid FROM pg_partition_tree(c.oid))))`;

const SQL = `
  SELECT c.oid::text AS oid, c.oid::regclass::text AS name, s.nspname AS schema, c.relname AS relation, c.relkind = 'p' AS partitioned,
    coalesce(pg_partition_root(c.oid), c.oid)::text AS root,
    CASE WHEN NOT c.relispartition AND c.relkind = 'r' THEN true
      WHEN c.relispartition THEN c.relkind = 'r' AND ${HAS_FOREIGN_PARTS}
      ELSE NOT ${HAS_FOREIGN_PARTS} END AS whole,
    (SELECT coalesce(jsonb_agg(quote_ident(a.attname) ORDER BY a.attnum), '[]') FROM pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
    (SELECT coalesce(jsonb_agg(quote_ident(a.attname) ORDER BY k.place), '[]') FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY k(number, place)
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number WHERE i.indrelid = c.oid AND i.indisprimary) AS key,
    has_schema_privilege(s.oid, 'USAGE') AND (has_table_privilege(c.oid, 'SELECT') OR NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid
      AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND NOT has_column_privilege(c.oid, a.attnum, 'SELECT'))) AS readable,
    row_security_active(c.oid) AS guarded, ${ESTIMATE}::float8 AS estimate
  FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND ${isCopied("c")} ORDER BY c.oid`;

/** Reads every table of the source. A partition on another server is never read: that server would be asked. */
export async function readRowTables(client: Queryable): Promise<RowTable[]> {
  return (await client.query<RowTable>(SQL)).rows;
}

/** The table in a FROM clause: with its partitions, without those that inherit from it. */
export function fromTable(table: Pick<RowTable, "name" | "partitioned">): string {
  return table.partitioned ? table.name : `ONLY ${table.name}`;
}
