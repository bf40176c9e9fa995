import { ifThere, inScope, standsAlone } from "./scope.ts";

/** Schemas; `public` is made anew, so that it has the source's owner, grants and comment, or is not there. */
export const SCHEMAS = `
  SELECT 'schema' AS kind, nspname AS name, format('CREATE SCHEMA %I', nspname) AS sql
  FROM pg_namespace n WHERE ${inScope("n.oid")} AND ${standsAlone("pg_namespace", "n.oid")} ORDER BY n.oid`;

/** Extensions, in the order they were made. */
export const EXTENSIONS = `
  SELECT extname AS name, CASE WHEN ${inScope("n.oid")} AND ${standsAlone("pg_namespace", "n.oid")} THEN nspname END AS schema
  FROM pg_extension x JOIN pg_namespace n ON n.oid = x.extnamespace ORDER BY x.oid`;

/** @see https://www.postgresql.org/docs/current/catalog-pg-collation.html */
export const COLLATIONS = `
  SELECT 'collation' AS kind, c.oid::regcollation::text AS name, format('CREATE COLLATION %s (PROVIDER = %s, %s, DETERMINISTIC = %s%s)',
    c.oid::regcollation, CASE collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
    CASE WHEN collprovider = 'c' THEN format('LC_COLLATE = %L, LC_CTYPE = %L', collcollate, collctype)
      ELSE format('LOCALE = %L', coalesce(${ifThere("c", "colllocale")}, ${ifThere("c", "colliculocale")}, collcollate)) END,
    collisdeterministic::text, ', RULES = ' || quote_literal(${ifThere("c", "collicurules")})) AS sql
  FROM pg_collation c WHERE ${inScope("c.collnamespace")} AND ${standsAlone("pg_collation", "c.oid")} ORDER BY c.oid`;

const DOMAIN_CONSTRAINTS = `(SELECT string_agg(format(' CONSTRAINT %I %s', conname, pg_get_constraintdef(n.oid)), '' ORDER BY n.oid)
  FROM pg_constraint n WHERE n.contypid = t.oid AND n.convalidated)`;

const ATTRIBUTES = `(SELECT string_agg(format('%I %s%s', attname, format_type(atttypid, atttypmod),
    CASE WHEN attcollation <> at.typcollation THEN format(' COLLATE %s', attcollation::regcollation) ELSE '' END), ', ' ORDER BY attnum)
  FROM pg_attribute a JOIN pg_type at ON at.oid = a.atttypid WHERE a.attrelid = t.typrelid AND attnum > 0 AND NOT attisdropped)`;

const RANGE = `(SELECT concat_ws(', ', format('SUBTYPE = %s', format_type(rngsubtype, NULL)),
    (SELECT format('SUBTYPE_OPCLASS = %I.%I', s.nspname, o.opcname) FROM pg_opclass o JOIN pg_namespace s ON s.oid = o.opcnamespace
      WHERE o.oid = rngsubopc AND NOT o.opcdefault),
    CASE WHEN rngcollation <> 0 THEN format('COLLATION = %s', rngcollation::regcollation) END,
    CASE WHEN rngcanonical <> 0 THEN format('CANONICAL = %s', rngcanonical) END,
    CASE WHEN rngsubdiff <> 0 THEN format('SUBTYPE_DIFF = %s', rngsubdiff) END,
    format('MULTIRANGE_TYPE_NAME = %s', rngmultitypid::regtype))
  FROM pg_range WHERE rngtypid = t.oid)`;

/** Enums, domains, composite types and ranges. */
export const TYPES = `
  SELECT CASE typtype WHEN 'd' THEN 'domain' ELSE 'type' END AS kind, t.oid::regtype::text AS name, CASE typtype
    WHEN 'e' THEN format('CREATE TYPE %s AS ENUM (%s)', t.oid::regtype,
      (SELECT string_agg(quote_literal(enumlabel), ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid))
    WHEN 'd' THEN concat(format('CREATE DOMAIN %s AS %s', t.oid::regtype, format_type(typbasetype, typtypmod)),
      (SELECT format(' COLLATE %s', t.typcollation::regcollation) FROM pg_type b WHERE b.oid = t.typbasetype AND b.typcollation <> t.typcollation),
      ' DEFAULT ' || pg_get_expr(typdefaultbin, 0),
      CASE WHEN typnotnull AND NOT EXISTS (SELECT FROM pg_constraint n WHERE n.contypid = t.oid AND n.contype = 'n') THEN ' NOT NULL' END,
      ${DOMAIN_CONSTRAINTS})
    WHEN 'c' THEN format('CREATE TYPE %s AS (%s)', t.oid::regtype, ${ATTRIBUTES})
    ELSE format('CREATE TYPE %s AS RANGE (%s)', t.oid::regtype, ${RANGE}) END AS sql
  FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
  WHERE ${inScope("t.typnamespace")} AND ${standsAlone("pg_type", "t.oid")}
    AND (typtype IN ('e', 'd', 'r') OR typtype = 'c' AND c.relkind = 'c') ORDER BY t.oid`;

/** Constraints of domains that were never held against the old values: those may break them. */
export const DOMAIN_CONSTRAINTS_NOT_VALID = `
  SELECT 'domain constraint' AS kind, n.conname AS name, format('ALTER DOMAIN %s ADD CONSTRAINT %I %s', n.contypid::regtype, n.conname, pg_get_constraintdef(n.oid)) AS sql
  FROM pg_constraint n JOIN pg_type t ON t.oid = n.contypid
  WHERE NOT n.convalidated AND ${inScope("t.typnamespace")} AND ${standsAlone("pg_type", "t.oid")} ORDER BY n.oid`;

/** Dictionaries and configurations of the text search; their templates and parsers are C, and come with extensions. */
export const TEXT_SEARCH = `
  SELECT 'text search dictionary' AS kind, d.oid::regdictionary::text AS name, format('CREATE TEXT SEARCH DICTIONARY %s (TEMPLATE = %I.%I%s)',
    d.oid::regdictionary, s.nspname, p.tmplname, coalesce(', ' || d.dictinitoption, '')) AS sql, 1 AS turn, d.oid AS number
  FROM pg_ts_dict d JOIN pg_ts_template p ON p.oid = d.dicttemplate JOIN pg_namespace s ON s.oid = p.tmplnamespace
  WHERE ${inScope("d.dictnamespace")} AND ${standsAlone("pg_ts_dict", "d.oid")}
  UNION ALL
  SELECT 'text search configuration', c.oid::regconfig::text, concat_ws(E';\\n',
    format('CREATE TEXT SEARCH CONFIGURATION %s (PARSER = %I.%I)', c.oid::regconfig, s.nspname, p.prsname),
    (SELECT string_agg(format('ALTER TEXT SEARCH CONFIGURATION %s ADD MAPPING FOR %I WITH %s', c.oid::regconfig, k.alias, m.dictionaries), E';\\n')
      FROM (SELECT maptokentype, string_agg(mapdict::regdictionary::text, ', ' ORDER BY mapseqno) AS dictionaries
        FROM pg_ts_config_map WHERE mapcfg = c.oid GROUP BY maptokentype) m
      JOIN ts_token_type(c.cfgparser) k ON k.tokid = m.maptokentype)), 2, c.oid
  FROM pg_ts_config c JOIN pg_ts_parser p ON p.oid = c.cfgparser JOIN pg_namespace s ON s.oid = p.prsnamespace
  WHERE ${inScope("c.cfgnamespace")} AND ${standsAlone("pg_ts_config", "c.oid")} ORDER BY turn, number`;

/** The parts of a sequence's definition, where `alias` is of `pg_sequence`. */
export function sequenceOptions(alias: string): string {
  return `format('START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s%s', ${alias}.seqstart, ${alias}.seqincrement,
    ${alias}.seqmin, ${alias}.seqmax, ${alias}.seqcache, CASE WHEN ${alias}.seqcycle THEN ' CYCLE' ELSE '' END)`;
}

/** Sequences that stand on their own, or serve a column's default; those of identity columns come with the columns. */
export const SEQUENCES = `
  SELECT 'sequence' AS kind, c.oid::regclass::text AS name, format('CREATE %sSEQUENCE %s AS %s %s',
    CASE relpersistence WHEN 'u' THEN 'UNLOGGED ' ELSE '' END, c.oid::regclass, format_type(s.seqtypid, NULL), ${sequenceOptions("s")}) AS sql
  FROM pg_class c JOIN pg_sequence s ON s.seqrelid = c.oid
  WHERE ${inScope("c.relnamespace")} AND ${standsAlone("pg_class", "c.oid")}
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'i') ORDER BY c.oid`;

/** What makes a sequence go with its column. */
export const SEQUENCE_OWNERS = `
  SELECT 'sequence' AS kind, c.oid::regclass::text AS name, format('ALTER SEQUENCE %s OWNED BY %s.%I', c.oid::regclass, d.refobjid::regclass, a.attname) AS sql
  FROM pg_class c JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'a' AND d.refclassid = 'pg_class'::regclass
  JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
  WHERE c.relkind = 'S' AND ${inScope("c.relnamespace")} AND ${standsAlone("pg_class", "c.oid")} ORDER BY c.oid`;
