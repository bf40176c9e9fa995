import type { Queryable } from "../../../postgres/client.ts";

/** Where the users' password hashes are. */
export interface HashPlace {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
}

/** What the role of the queries might do that it must not. */
export interface QueryRole {
  readonly name: string;
  /** It is a superuser, or can make itself one, or do on the server's machine what one can. */
  readonly isTooPowerful: boolean;
  /** It can read password hashes, so that what it reads is shown to nobody. */
  readonly readsHashes: boolean;
}

/**
 * Roles whose members read and write files of the server, or run programs there: that is a superuser by another name.
 *
 * @see https://www.postgresql.org/docs/current/predefined-roles.html
 */
const AS_GOOD_AS_SUPERUSERS = "'pg_execute_server_program', 'pg_write_server_files', 'pg_read_server_files'";

/** Before 16, who may make roles may also join any that is no superuser. */
const MAKES_ITSELF_ONE = "(o.rolcreaterole AND current_setting('server_version_num')::int4 < 160000)";

/**
 * What it may become by SET ROLE counts too, so every role is looked at that it is a member of: one that replicates
 * reads all that the server holds. A view shows what its owner reads, and a view of a view too. A column that is not
 * where it was may be under another name, or put aside by a `down`: then nobody can tell either.
 *
 * @see https://www.postgresql.org/docs/current/catalog-pg-depend.html
 */
const SQL = `WITH RECURSIVE place AS (
    SELECT c.oid, c.relowner, t.attnum FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_attribute t ON t.attrelid = c.oid
     WHERE n.nspname = $1 AND c.relname = $2 AND t.attname = $3),
  views AS (
    SELECT r.ev_class FROM place p
      JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = p.oid
        AND d.refobjsubid IN (0, p.attnum) AND d.classid = 'pg_rewrite'::regclass
      JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid AND r.ev_class <> p.oid
    UNION
    SELECT r.ev_class FROM views v
      JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = v.ev_class
        AND d.classid = 'pg_rewrite'::regclass
      JOIN pg_catalog.pg_rewrite r ON r.oid = d.objid)
  SELECT session_user::text AS name,
    EXISTS (SELECT FROM pg_catalog.pg_roles o WHERE pg_catalog.pg_has_role(session_user, o.oid, 'MEMBER')
       AND (o.rolsuper OR o.rolreplication OR o.rolname IN (${AS_GOOD_AS_SUPERUSERS}) OR ${MAKES_ITSELF_ONE})) AS "isTooPowerful",
    NOT EXISTS (SELECT FROM place) OR EXISTS (SELECT FROM place p
       JOIN pg_catalog.pg_roles o ON pg_catalog.pg_has_role(session_user, o.oid, 'MEMBER')
      WHERE o.oid = p.relowner OR pg_catalog.has_column_privilege(o.oid, p.oid, p.attnum, 'SELECT'))
    OR EXISTS (SELECT FROM views v
       JOIN pg_catalog.pg_roles o ON pg_catalog.pg_has_role(session_user, o.oid, 'MEMBER')
      WHERE pg_catalog.has_any_column_privilege(o.oid, v.ev_class, 'SELECT')) AS "readsHashes"`;

/**
 * Reads what the role of a connection may do; nobody can tell for a place that is not known. A role can set itself a
 * search path on which `=` is something else, so this has one of its own.
 */
export async function readQueryRole(client: Queryable, hashes: HashPlace | null): Promise<QueryRole> {
  const { schema = null, table = null, column = null } = hashes ?? {};
  await client.query("SET search_path TO pg_catalog, pg_temp");
  const { rows } = await client.query<QueryRole>(SQL, [schema, table, column]);
  await client.query("RESET search_path");
  return rows[0] ?? { name: "", isTooPowerful: true, readsHashes: true };
}
