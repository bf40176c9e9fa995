import { ifThere, isCopied } from "./scope.ts";

const OF_CONSTRAINT =
  "EXISTS (SELECT FROM pg_constraint n WHERE n.conindid = x.oid AND n.conrelid = i.indrelid AND n.contype IN ('p', 'u', 'x'))";

const FROM = `FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid`;

/** Indexes that serve no constraint, without invalid leftovers; a partitioned table's are made empty and put together after. */
export const INDEXES = `
  SELECT 'index' AS kind, x.oid::regclass::text AS name, pg_get_indexdef(x.oid) AS sql ${FROM}
  WHERE (i.indisvalid OR x.relkind = 'I') AND c.relkind IN ('r', 'p', 'm') AND ${isCopied("c")} AND NOT ${OF_CONSTRAINT} ORDER BY x.oid`;

/** What a dump never shows: indexes whose building failed, of no use to anybody. */
export const INVALID_INDEXES = `
  SELECT 'index' AS kind, x.oid::regclass::text AS name, 'It is invalid in the source: an index build that failed left it behind.' AS reason ${FROM}
  WHERE NOT i.indisvalid AND x.relkind = 'i' AND ${isCopied("c")} ORDER BY x.oid`;

/** Puts the indexes of partitions, those of constraints too, under the partitioned table's. */
export const INDEX_PARTITIONS = `
  SELECT 'index' AS kind, x.oid::regclass::text AS name, format('ALTER INDEX %s ATTACH PARTITION %s', h.inhparent::regclass, x.oid::regclass) AS sql
  ${FROM} JOIN pg_inherits h ON h.inhrelid = x.oid WHERE ${isCopied("c")} ORDER BY x.oid`;

/** Options of constraints' indexes, which their definitions do not have, and statistics targets of indexed expressions. */
export const INDEX_SETTINGS = `
  SELECT 'index' AS kind, x.oid::regclass::text AS name, format('ALTER INDEX %s SET (%s)', x.oid::regclass, array_to_string(x.reloptions, ', ')) AS sql
  ${FROM} WHERE x.reloptions IS NOT NULL AND ${isCopied("c")} AND ${OF_CONSTRAINT}
  UNION ALL
  SELECT 'index', x.oid::regclass::text, format('ALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s', x.oid::regclass, a.attnum, ${ifThere("a", "attstattarget")})
  ${FROM} JOIN pg_attribute a ON a.attrelid = x.oid WHERE a.attnum > 0 AND ${ifThere("a", "attstattarget")}::int >= 0
    AND i.indisvalid AND ${isCopied("c")}`;

/** Keys and exclusions, of partitions too; then checks, where a table has them by itself. */
export const CONSTRAINTS = `
  SELECT 'constraint' AS kind, format('%I on %s', n.conname, c.oid::regclass) AS name, format('ALTER TABLE %s%s ADD CONSTRAINT %I %s',
    CASE WHEN n.contype IN ('p', 'u', 'x') THEN 'ONLY ' ELSE '' END, c.oid::regclass, n.conname, pg_get_constraintdef(n.oid)) AS sql
  FROM pg_constraint n JOIN pg_class c ON c.oid = n.conrelid
  WHERE c.relkind IN ('r', 'p') AND ${isCopied("c")}
    AND (n.contype IN ('p', 'u', 'x') OR n.contype = 'c' AND n.conislocal OR n.contype = 'n' AND n.conislocal AND NOT n.convalidated)
  ORDER BY n.contype = 'c', n.oid`;

/** Foreign keys; the ones that partitions have from their table come with it. */
export const FOREIGN_KEYS = `
  SELECT 'foreign key' AS kind, format('%I on %s', n.conname, c.oid::regclass) AS name,
    format('ALTER TABLE %s ADD CONSTRAINT %I %s', c.oid::regclass, n.conname, pg_get_constraintdef(n.oid)) AS sql
  FROM pg_constraint n JOIN pg_class c ON c.oid = n.conrelid
  WHERE n.contype = 'f' AND n.conparentid = 0 AND c.relkind IN ('r', 'p') AND ${isCopied("c")} ORDER BY n.oid`;

/** Extended statistics, with their targets. @see https://www.postgresql.org/docs/current/catalog-pg-statistic-ext.html */
export const STATISTICS = `
  SELECT 'statistics object' AS kind, format('%I.%I', s.nspname, e.stxname) AS name, concat_ws(E';\\n', pg_get_statisticsobjdef(e.oid),
    CASE WHEN ${ifThere("e", "stxstattarget")}::int >= 0 THEN format('ALTER STATISTICS %I.%I SET STATISTICS %s', s.nspname, e.stxname, ${ifThere("e", "stxstattarget")}) END) AS sql
  FROM pg_statistic_ext e JOIN pg_namespace s ON s.oid = e.stxnamespace JOIN pg_class c ON c.oid = e.stxrelid WHERE ${isCopied("c")} ORDER BY e.oid`;
