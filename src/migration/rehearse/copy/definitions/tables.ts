import { ifThere, isCopied, optionList } from "./scope.ts";
import { sequenceOptions } from "./types.ts";

/** An identity column with its sequence; a partition has its parent's. */
const IDENTITY = `
  (SELECT format(' GENERATED %s AS IDENTITY (SEQUENCE NAME %s %s)', CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END,
      s.seqrelid::regclass, ${sequenceOptions("s")})
    FROM pg_depend d JOIN pg_sequence s ON s.seqrelid = d.objid
    WHERE a.attidentity <> '' AND NOT c.relispartition AND d.classid = 'pg_class'::regclass AND d.deptype = 'i'
      AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid = a.attnum)`;

/** NOT NULL, which has a name of its own from 18 on; what comes from a parent comes with it. */
const NOT_NULL = `
  CASE WHEN a.attnotnull THEN coalesce((SELECT CASE
      WHEN NOT n.convalidated OR NOT n.conislocal AND NOT c.relispartition THEN ''
      ELSE format(' CONSTRAINT %I NOT NULL%s', n.conname, CASE WHEN n.connoinherit THEN ' NO INHERIT' ELSE '' END) END
    FROM pg_constraint n WHERE n.conrelid = c.oid AND n.contype = 'n' AND n.conkey = ARRAY[a.attnum]), ' NOT NULL') END`;

const DEFAULT = `
  (SELECT CASE a.attgenerated WHEN 's' THEN format(' GENERATED ALWAYS AS (%s) STORED', pg_get_expr(d.adbin, d.adrelid))
      WHEN 'v' THEN format(' GENERATED ALWAYS AS (%s)', pg_get_expr(d.adbin, d.adrelid))
      ELSE format(' DEFAULT %s', pg_get_expr(d.adbin, d.adrelid)) END
    FROM pg_attrdef d WHERE d.adrelid = c.oid AND d.adnum = a.attnum)`;

/** Columns of the table's own: a child's others come from its parents, a partition is made whole and attached. */
const COLUMNS = `
  (SELECT string_agg(concat(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)),
      CASE WHEN a.attcollation <> t.typcollation THEN format(' COLLATE %s', a.attcollation::regcollation) END,
      ${DEFAULT}, ${IDENTITY}, ${NOT_NULL}), ', ' ORDER BY a.attnum)
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND (a.attislocal OR c.relispartition))`;

const PARENTS = `
  (SELECT format(' INHERITS (%s)', string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno))
    FROM pg_inherits i WHERE i.inhrelid = c.oid AND NOT c.relispartition HAVING count(*) > 0)`;

const OPTIONS = `
  (SELECT format(' WITH (%s)', o.list) FROM (SELECT concat_ws(', ', ${optionList("c.reloptions")},
    ${optionList("(SELECT x.reloptions FROM pg_class x WHERE x.oid = c.reltoastrelid)", "toast.")}) AS list) o WHERE o.list <> '')`;

const METHOD = `(SELECT format(' USING %I', m.amname) FROM pg_am m WHERE m.oid = c.relam AND m.amname <> 'heap')`;

/** Tables, in the order they were made. */
export const TABLES = `
  SELECT 'table' AS kind, c.oid::regclass::text AS name, concat(
    format('CREATE %sTABLE %s (%s)', CASE relpersistence WHEN 'u' THEN 'UNLOGGED ' ELSE '' END, c.oid::regclass, ${COLUMNS}),
    ${PARENTS}, ' PARTITION BY ' || pg_get_partkeydef(c.oid), ${METHOD}, ${OPTIONS}) AS sql
  FROM pg_class c WHERE c.relkind IN ('r', 'p') AND ${isCopied("c")} ORDER BY c.oid`;

/** What makes partitions part of their tables: while both are empty, nothing is scanned. */
export const PARTITIONS = `
  SELECT 'partition' AS kind, c.oid::regclass::text AS name, format('ALTER TABLE ONLY %s ATTACH PARTITION %s %s',
    i.inhparent::regclass, c.oid::regclass, pg_get_expr(c.relpartbound, c.oid)) AS sql
  FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid
  WHERE c.relispartition AND c.relkind IN ('r', 'p') AND ${isCopied("c")} ORDER BY c.oid`;

/** A child's own word on columns that it has from its parents, and tables of a type. */
export const INHERITED_COLUMNS = `
  SELECT 'table' AS kind, c.oid::regclass::text AS name, format('ALTER TABLE ONLY %s %s', c.oid::regclass, string_agg(concat_ws(', ',
      format('ALTER COLUMN %I %s', a.attname, coalesce('SET DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), 'DROP DEFAULT')),
      CASE WHEN a.attnotnull THEN nullif(coalesce((SELECT CASE WHEN n.conislocal AND n.convalidated THEN format('ADD CONSTRAINT %I NOT NULL %I', n.conname, a.attname) ELSE '' END
          FROM pg_constraint n WHERE n.conrelid = c.oid AND n.contype = 'n' AND n.conkey = ARRAY[a.attnum]), format('ALTER COLUMN %I SET NOT NULL', a.attname)), '') END), ', ' ORDER BY a.attnum)) AS sql
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
  WHERE c.relkind = 'r' AND NOT c.relispartition AND NOT a.attislocal AND a.attgenerated = '' AND ${isCopied("c")} GROUP BY c.oid
  UNION ALL
  SELECT 'table', c.oid::regclass::text, format('ALTER TABLE ONLY %s OF %s', c.oid::regclass, c.reloftype::regtype)
  FROM pg_class c WHERE c.reloftype <> 0 AND ${isCopied("c")}`;

const statistics = (alias: string) => ifThere(alias, "attstattarget");

/** Storage, compression, statistics targets and options of columns, where they are not what the type has anyway. */
export const COLUMN_SETTINGS = `
  SELECT 'column' AS kind, format('%s.%I', c.oid::regclass, a.attname) AS name, concat_ws(E';\\n',
    CASE WHEN a.attstorage <> t.typstorage THEN format('ALTER TABLE ONLY %s ALTER COLUMN %I SET STORAGE %s', c.oid::regclass, a.attname,
      CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END) END,
    CASE WHEN a.attcompression <> '' THEN format('ALTER TABLE ONLY %s ALTER COLUMN %I SET COMPRESSION %s', c.oid::regclass, a.attname,
      CASE a.attcompression WHEN 'p' THEN 'pglz' ELSE 'lz4' END) END,
    CASE WHEN ${statistics("a")}::int >= 0 THEN format('ALTER TABLE ONLY %s ALTER COLUMN %I SET STATISTICS %s', c.oid::regclass, a.attname, ${statistics("a")}) END,
    format('ALTER TABLE ONLY %s ALTER COLUMN %I SET (', c.oid::regclass, a.attname) || ${optionList("a.attoptions")} || ')') AS sql
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped JOIN pg_type t ON t.oid = a.atttypid
  WHERE c.relkind IN ('r', 'p', 'm') AND ${isCopied("c")}
    AND (a.attstorage <> t.typstorage OR a.attcompression <> '' OR ${statistics("a")}::int >= 0 OR a.attoptions IS NOT NULL) ORDER BY c.oid, a.attnum`;

/** Row-level security, what identifies a row to subscribers, and the index that a table was clustered by. */
export const TABLE_SETTINGS = `
  SELECT 'table' AS kind, c.oid::regclass::text AS name, concat_ws(E';\\n',
    CASE WHEN c.relrowsecurity THEN format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', c.oid::regclass) END,
    CASE WHEN c.relforcerowsecurity THEN format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', c.oid::regclass) END,
    CASE c.relreplident WHEN 'f' THEN format('ALTER TABLE ONLY %s REPLICA IDENTITY FULL', c.oid::regclass)
      WHEN 'n' THEN format('ALTER TABLE ONLY %s REPLICA IDENTITY NOTHING', c.oid::regclass)
      WHEN 'i' THEN (SELECT format('ALTER TABLE ONLY %s REPLICA IDENTITY USING INDEX %I', c.oid::regclass, x.relname)
        FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid AND i.indisreplident) END,
    (SELECT format('ALTER TABLE %s CLUSTER ON %I', c.oid::regclass, x.relname)
      FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid AND i.indisclustered)) AS sql
  FROM pg_class c WHERE c.relkind IN ('r', 'p', 'm') AND ${isCopied("c")} AND (c.relrowsecurity OR c.relforcerowsecurity OR c.relreplident <> 'd'
    OR EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisclustered)) ORDER BY c.oid`;
