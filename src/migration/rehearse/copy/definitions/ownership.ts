import { inScope, isCopied, standsAlone } from "./scope.ts";

/** Everything that has an owner and may have grants: of which catalog, with what keyword GRANT names it. */
const OBJECTS = `
  SELECT 'pg_namespace'::regclass AS class, n.oid, n.nspowner AS owner, n.nspacl AS acl, 'SCHEMA' AS keyword
  FROM pg_namespace n WHERE ${inScope("n.oid")} AND ${standsAlone("pg_namespace", "n.oid")}
  UNION ALL SELECT 'pg_class'::regclass, c.oid, c.relowner, c.relacl, CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END
  FROM pg_class c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND ${isCopied("c")}
  UNION ALL SELECT 'pg_proc'::regclass, p.oid, p.proowner, p.proacl, 'ROUTINE'
  FROM pg_proc p WHERE ${inScope("p.pronamespace")} AND ${standsAlone("pg_proc", "p.oid")}
  UNION ALL SELECT 'pg_type'::regclass, t.oid, t.typowner, t.typacl, 'TYPE'
  FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
  WHERE ${inScope("t.typnamespace")} AND ${standsAlone("pg_type", "t.oid")} AND (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c')
  UNION ALL SELECT 'pg_collation'::regclass, c.oid, c.collowner, NULL, NULL
  FROM pg_collation c WHERE ${inScope("c.collnamespace")} AND ${standsAlone("pg_collation", "c.oid")}
  UNION ALL SELECT 'pg_operator'::regclass, o.oid, o.oprowner, NULL, NULL
  FROM pg_operator o WHERE ${inScope("o.oprnamespace")} AND ${standsAlone("pg_operator", "o.oid")}
  UNION ALL SELECT 'pg_ts_dict'::regclass, d.oid, d.dictowner, NULL, NULL
  FROM pg_ts_dict d WHERE ${inScope("d.dictnamespace")} AND ${standsAlone("pg_ts_dict", "d.oid")}
  UNION ALL SELECT 'pg_ts_config'::regclass, c.oid, c.cfgowner, NULL, NULL
  FROM pg_ts_config c WHERE ${inScope("c.cfgnamespace")} AND ${standsAlone("pg_ts_config", "c.oid")}
  UNION ALL SELECT 'pg_statistic_ext'::regclass, e.oid, e.stxowner, NULL, NULL
  FROM pg_statistic_ext e WHERE ${inScope("e.stxnamespace")} AND ${standsAlone("pg_statistic_ext", "e.oid")}
  UNION ALL SELECT 'pg_publication'::regclass, p.oid, p.pubowner, NULL, NULL FROM pg_publication p`;

/** Whether a sequence belongs to a column: then it has its table's owner. */
const SERVES_COLUMN = `EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND o.class = d.classid AND d.objid = o.oid
  AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i') AND o.keyword = 'SEQUENCE')`;

/** Whose an object is: `ALTER <keyword> <name> OWNER TO <owner>`. */
export interface OwnerRow {
  readonly keyword: string;
  readonly name: string;
  readonly owner: string;
}

/** Who owns what; a sequence that serves a column has its table's owner. */
export const OWNERS = `
  SELECT CASE i.type WHEN 'statistics object' THEN 'STATISTICS' ELSE upper(i.type) END AS keyword, i.identity AS name, pg_get_userbyid(o.owner) AS owner
  FROM (${OBJECTS}) o, pg_identify_object(o.class, o.oid, 0) i WHERE NOT ${SERVES_COLUMN}`;

/** One entry of a list of privileges. */
export interface Grant {
  readonly grantor: string;
  /** Null stands for PUBLIC. */
  readonly grantee: string | null;
  readonly privileges: readonly string[];
  readonly grantable: boolean;
}

/** What is granted on one object, or one column of it. */
export interface GrantRow {
  readonly keyword: string;
  readonly name: string;
  /** Quoted; null where the grants are on all of the object. */
  readonly column: string | null;
  readonly owner: string;
  readonly grants: readonly Grant[];
}

const entries = (acl: string) => `
  (SELECT coalesce(jsonb_agg(jsonb_build_object('grantor', pg_get_userbyid(g.grantor), 'grantee', CASE WHEN g.grantee <> 0 THEN pg_get_userbyid(g.grantee) END,
      'privileges', g.privileges, 'grantable', g.is_grantable) ORDER BY g.place), '[]')
    FROM (SELECT grantor, grantee, is_grantable, min(place) AS place, array_agg(privilege_type ORDER BY place) AS privileges
      FROM ROWS FROM (aclexplode(${acl})) WITH ORDINALITY e(grantor, grantee, privilege_type, is_grantable, place) GROUP BY grantor, grantee, is_grantable) g)`;

/** What is granted, in the order of the lists; objects on which nothing was ever granted or revoked are not named. */
export const GRANTS = `
  SELECT o.keyword, i.identity AS name, NULL AS column, pg_get_userbyid(o.owner) AS owner, ${entries("o.acl")} AS grants
  FROM (${OBJECTS}) o, pg_identify_object(o.class, o.oid, 0) i WHERE o.acl IS NOT NULL
  UNION ALL
  SELECT 'TABLE', c.oid::regclass::text, quote_ident(a.attname), pg_get_userbyid(c.relowner), ${entries("a.attacl")}
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE a.attacl IS NOT NULL AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm') AND ${isCopied("c")}`;

/** What a role grants on what it makes from now on. */
export interface DefaultGrantRow {
  /** `TABLES`, `SCHEMAS` … */
  readonly keyword: string;
  readonly role: string;
  /** Null: everywhere, instead of PostgreSQL's own defaults. */
  readonly schema: string | null;
  readonly grants: readonly Grant[];
}

/** @see https://www.postgresql.org/docs/current/catalog-pg-default-acl.html */
export const DEFAULT_GRANTS = `
  SELECT CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'ROUTINES' WHEN 'T' THEN 'TYPES'
      WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END AS keyword, pg_get_userbyid(d.defaclrole) AS role,
    (SELECT nspname FROM pg_namespace WHERE oid = d.defaclnamespace) AS schema, ${entries("d.defaclacl")} AS grants
  FROM pg_default_acl d ORDER BY d.oid`;

/** Every role that the database's objects name; the one that made the server is on no such record. */
export const ROLES = `
  SELECT DISTINCT r.rolname AS name FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid
  WHERE d.refclassid = 'pg_authid'::regclass AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
  ORDER BY 1`;
