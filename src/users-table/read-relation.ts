import type { Queryable } from "../postgres/client.ts";
import type { Relation } from "./relation.ts";

/**
 * Reads relations whole, by oid, in one statement: what stands in the catalog at one moment.
 *
 * Columns that newer versions of PostgreSQL added to the catalog (`indnullsnotdistinct` in 15) are read
 * through `to_jsonb`, so that one text serves 14 to 18.
 *
 * @see https://www.postgresql.org/docs/current/catalogs.html
 */
export async function readRelations(client: Queryable, oids: readonly string[]): Promise<Relation[]> {
  if (oids.length === 0) return [];
  const { rows } = await client.query<{ relation: Relation }>(RELATION_SQL, [oids]);
  return rows.map((row) => row.relation);
}

const COLUMNS_SQL = `
  SELECT jsonb_agg(jsonb_build_object(
    'name', a.attname, 'number', a.attnum, 'type', format_type(a.atttypid, a.atttypmod),
    'baseType', b.typname,
    'maximumLength', CASE WHEN b.typname IN ('varchar', 'bpchar')
      THEN nullif(CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END, -1) - 4 END,
    'notNull', a.attnotnull,
    'notNullConstraint', (SELECT jsonb_build_object('name', n.conname, 'comment', obj_description(n.oid, 'pg_constraint'))
      FROM pg_constraint n WHERE n.conrelid = c.oid AND n.contype = 'n' AND n.conkey = ARRAY[a.attnum]),
    'default', CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,
    'identity', a.attidentity, 'generated', a.attgenerated,
    'collation', (SELECT quote_ident(s.nspname) || '.' || quote_ident(l.collname) FROM pg_collation l
      JOIN pg_namespace s ON s.oid = l.collnamespace
      WHERE l.oid = a.attcollation AND a.attcollation <> t.typcollation),
    'comment', col_description(c.oid, a.attnum), 'acl', a.attacl::text[]) ORDER BY a.attnum)
  FROM pg_attribute a
  JOIN pg_type t ON t.oid = a.atttypid
  CROSS JOIN LATERAL (SELECT CASE WHEN t.typtype <> 'd' THEN t.typname ELSE (
    WITH RECURSIVE under AS (
      SELECT t.oid, t.typname, t.typtype, t.typbasetype
      UNION ALL
      SELECT p.oid, p.typname, p.typtype, p.typbasetype FROM pg_type p JOIN under u ON p.oid = u.typbasetype AND u.typtype = 'd'
    ) SELECT typname FROM under WHERE typtype <> 'd' LIMIT 1) END AS typname
  ) b
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped`;

const CONSTRAINTS_SQL = `
  SELECT jsonb_agg(jsonb_build_object(
    'name', n.conname, 'type', n.contype,
    'columns', (SELECT coalesce(jsonb_agg(a.attname ORDER BY k.position), '[]')
      FROM unnest(n.conkey) WITH ORDINALITY k(number, position)
      JOIN pg_attribute a ON a.attrelid = n.conrelid AND a.attnum = k.number),
    'definition', pg_get_constraintdef(n.oid), 'validated', n.convalidated, 'deferrable', n.condeferrable,
    'references', nullif(n.confrelid, 0)::text,
    'index', (SELECT x.relname FROM pg_class x WHERE x.oid = n.conindid)) ORDER BY n.conname)
  FROM pg_constraint n WHERE n.conrelid = c.oid AND n.contype <> 'n'`;

const INDEXES_SQL = `
  SELECT jsonb_agg(jsonb_build_object(
    'name', x.relname, 'oid', x.oid::text, 'unique', i.indisunique, 'primary', i.indisprimary,
    'valid', i.indisvalid, 'ready', i.indisready, 'immediate', i.indimmediate,
    'definition', pg_get_indexdef(i.indexrelid),
    'columns', (SELECT jsonb_agg(a.attname ORDER BY k.position)
      FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(number, position)
      LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number AND k.number <> 0
      WHERE k.position <= i.indnkeyatts),
    'expressions', pg_get_expr(i.indexprs, i.indrelid), 'predicate', pg_get_expr(i.indpred, i.indrelid),
    'nullsNotDistinct', coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false),
    'constraint', (SELECT n.conname FROM pg_constraint n WHERE n.conrelid = i.indrelid AND n.conindid = i.indexrelid AND n.contype IN ('p', 'u', 'x') LIMIT 1),
    'owner', pg_get_userbyid(x.relowner)) ORDER BY x.relname)
  FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid`;

const TRIGGERS_SQL = `
  SELECT jsonb_agg(jsonb_build_object(
    'name', g.tgname, 'definition', pg_get_triggerdef(g.oid), 'enabled', g.tgenabled,
    'functionSchema', s.nspname, 'functionName', p.proname, 'functionSource', p.prosrc) ORDER BY g.tgname)
  FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid JOIN pg_namespace s ON s.oid = p.pronamespace
  WHERE g.tgrelid = c.oid AND NOT g.tgisinternal`;

const POLICIES_SQL = `
  SELECT jsonb_agg(jsonb_build_object(
    'name', y.polname, 'command', y.polcmd, 'permissive', y.polpermissive,
    'roles', (SELECT jsonb_agg(w.name ORDER BY w.name) FROM unnest(y.polroles) r
      CROSS JOIN LATERAL (SELECT CASE WHEN r = 0 THEN 'public' ELSE pg_get_userbyid(r)::text END AS name) w),
    'using', pg_get_expr(y.polqual, y.polrelid), 'check', pg_get_expr(y.polwithcheck, y.polrelid)) ORDER BY y.polname)
  FROM pg_policy y WHERE y.polrelid = c.oid`;

const RELATION_SQL = `
  SELECT jsonb_build_object(
    'oid', c.oid::text, 'schema', s.nspname, 'name', c.relname, 'kind', c.relkind,
    'owner', pg_get_userbyid(c.relowner), 'persistence', c.relpersistence,
    'isPartition', c.relispartition, 'typed', c.reloftype <> 0,
    'parents', (SELECT coalesce(jsonb_agg(i.inhparent::regclass::text), '[]') FROM pg_inherits i WHERE i.inhrelid = c.oid),
    'children', (SELECT coalesce(jsonb_agg(i.inhrelid::regclass::text), '[]') FROM pg_inherits i WHERE i.inhparent = c.oid),
    'extension', (SELECT e.extname FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_extension'::regclass
      AND d.deptype = 'e' LIMIT 1),
    'rowSecurity', c.relrowsecurity, 'forceRowSecurity', c.relforcerowsecurity,
    'replicaIdentity', c.relreplident,
    'replicaIdentityIndex', (SELECT x.relname FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
      WHERE i.indrelid = c.oid AND i.indisreplident),
    'estimatedRows', c.reltuples, 'bytes', pg_relation_size(c.oid),
    'acl', c.relacl::text[], 'comment', obj_description(c.oid, 'pg_class'),
    'columns', coalesce((${COLUMNS_SQL}), '[]'),
    'constraints', coalesce((${CONSTRAINTS_SQL}), '[]'),
    'indexes', coalesce((${INDEXES_SQL}), '[]'),
    'triggers', coalesce((${TRIGGERS_SQL}), '[]'),
    'policies', coalesce((${POLICIES_SQL}), '[]')) AS relation
  FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
  WHERE c.oid = ANY($1::oid[])
  ORDER BY s.nspname, c.relname`;
