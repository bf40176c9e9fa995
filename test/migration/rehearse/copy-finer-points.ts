import type { TestDatabase } from "../../support/postgres.ts";

const SPACES = "SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'";

/**
 * What the logical schema of the test support does not look at. On 14 a multirange's owner cannot be changed, and does
 * not follow its range's.
 */
const QUERIES: Readonly<Record<string, string>> = {
  types: `SELECT t.oid::regtype::text AS type, typtype, CASE WHEN typname !~ 'multirange' THEN pg_get_userbyid(typowner) END AS owner, typacl::text, typnotnull, typdefault, format_type(typbasetype, typtypmod) AS base,
    typcollation::regcollation::text AS collation, obj_description(t.oid, 'pg_type') AS comment,
    (SELECT string_agg(enumlabel, '|' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid) AS labels,
    (SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attcollation::regcollation || coalesce(col_description(attrelid, attnum), ''), '|' ORDER BY attnum)
      FROM pg_attribute WHERE attrelid = typrelid AND attnum > 0) AS attributes,
    (SELECT string_agg(conname || pg_get_constraintdef(n.oid) || convalidated || coalesce(obj_description(n.oid, 'pg_constraint'), ''), '|' ORDER BY conname) FROM pg_constraint n WHERE contypid = t.oid) AS checks,
    (SELECT rngsubtype::regtype || ' ' || rngmultitypid::regtype FROM pg_range WHERE rngtypid = t.oid) AS range
    FROM pg_type t WHERE typnamespace IN (${SPACES}) AND (typrelid = 0 OR (SELECT relkind FROM pg_class WHERE oid = typrelid) = 'c') ORDER BY 1`,
  routines: `SELECT p.oid::regprocedure::text AS name, prokind, pg_get_userbyid(proowner) AS owner, obj_description(p.oid, 'pg_proc') AS comment,
    CASE WHEN prokind <> 'a' THEN pg_get_functiondef(p.oid) END AS definition, to_jsonb(g) - 'aggfnoid' - 'aggsortop' AS aggregate
    FROM pg_proc p LEFT JOIN pg_aggregate g ON g.aggfnoid = p.oid WHERE pronamespace IN (${SPACES}) AND pronamespace <> 'extensions'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e') ORDER BY 1`,
  casts:
    "SELECT castsource::regtype::text, casttarget::regtype::text, castfunc::regprocedure::text, castcontext, castmethod FROM pg_cast WHERE oid >= 16384 ORDER BY 1, 2",
  operators: `SELECT o.oid::regoperator::text AS name, oprcode::text, oprcom::regoperator::text, pg_get_userbyid(oprowner) AS owner FROM pg_operator o
    WHERE oprnamespace IN (${SPACES}) AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = o.oid AND deptype = 'e') ORDER BY 1`,
  collations: `SELECT collname, collprovider, collisdeterministic, collcollate, to_jsonb(c) ->> 'colllocale' AS locale FROM pg_collation c WHERE collnamespace IN (${SPACES})`,
  textSearch: `SELECT cfgname, maptokentype, mapseqno, mapdict::regdictionary::text FROM pg_ts_config c JOIN pg_ts_config_map m ON m.mapcfg = c.oid
    WHERE cfgnamespace IN (${SPACES}) ORDER BY 1, 2, 3`,
  extensions: "SELECT extname, extversion, extnamespace::regnamespace::text FROM pg_extension ORDER BY 1",
  triggers:
    "SELECT tgrelid::regclass::text, tgname, tgenabled, obj_description(oid, 'pg_trigger') AS comment FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2",
  rules:
    "SELECT ev_class::regclass::text AS rule, rulename, ev_enabled, pg_get_ruledef(oid), obj_description(oid, 'pg_rewrite') AS comment FROM pg_rewrite WHERE oid >= 16384 AND rulename <> '_RETURN' ORDER BY 1, 2",
  policies: `SELECT polrelid::regclass::text AS policy, polname, (SELECT array_agg(pg_get_userbyid(r) ORDER BY 1) FROM unnest(polroles) r) AS roles, obj_description(oid, 'pg_policy') AS comment FROM pg_policy ORDER BY 1, 2`,
  statistics:
    "SELECT stxname, to_jsonb(s) ->> 'stxstattarget' AS target, obj_description(oid, 'pg_statistic_ext') AS comment FROM pg_statistic_ext s ORDER BY 1",
  tables: `SELECT c.oid::regclass::text AS name, reloftype::regtype::text AS "type", relispartition, pg_get_expr(relpartbound, oid) AS bound, pg_get_partkeydef(oid) AS partitioned, relispopulated,
    (SELECT array_agg(inhparent::regclass::text ORDER BY inhseqno) FROM pg_inherits WHERE inhrelid = c.oid) AS parents,
    (SELECT reloptions FROM pg_class t WHERE t.oid = c.reltoastrelid) AS toast, description
    FROM pg_class c LEFT JOIN pg_description d ON d.objoid = c.oid AND d.objsubid = 0 WHERE relnamespace IN (${SPACES}) ORDER BY 1`,
  statisticsTargets: `SELECT attrelid::regclass::text AS relation, attname, to_jsonb(a) ->> 'attstattarget' AS target FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid
    WHERE relnamespace IN (${SPACES}) AND (to_jsonb(a) ->> 'attstattarget')::int >= 0 AND attnum > 0 AND NOT attisdropped ORDER BY 1, 2`,
  publications: `SELECT pubname, pubinsert, pubupdate, pubdelete, pubtruncate, pubviaroot, puballtables, obj_description(p.oid, 'pg_publication') AS comment,
    (SELECT jsonb_agg(jsonb_build_object('table', prrelid::regclass, 'columns', to_jsonb(r) -> 'prattrs') ORDER BY prrelid::regclass::text) FROM pg_publication_rel r WHERE prpubid = p.oid) AS tables
    FROM pg_publication p ORDER BY 1`,
  sequenceValues: "SELECT schemaname, sequencename, last_value FROM pg_sequences ORDER BY 1, 2",
  ownedSequences: `SELECT objid::regclass::text AS name, refobjid::regclass::text, refobjsubid > 0 AS column, deptype FROM pg_depend
    WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass AND refobjsubid > 0 AND (SELECT relkind FROM pg_class WHERE oid = objid) = 'S' AND deptype IN ('a', 'i') ORDER BY 1`,
};

/** Reads it, each kind by name. */
export async function readFinerPoints(database: TestDatabase): Promise<Record<string, unknown[]>> {
  const client = await database.client(database.superuserUrl);
  await client.query("SET jit = off; SET search_path TO pg_catalog");
  const found: Record<string, unknown[]> = {};
  for (const [name, sql] of Object.entries(QUERIES)) found[name] = (await client.query(sql)).rows;
  return found;
}
