import { inScope, standsAlone } from "./scope.ts";

/** Settings of the database that change what a query means or how it reads a value; no others are copied. */
const MEANINGFUL = ["datestyle", "intervalstyle", "timezone", "default_text_search_config", "bytea_output"];

/** A setting of the source's database. */
export interface SettingRow {
  readonly name: string;
  readonly value: string;
}

/**
 * Settings of the source's database.
 *
 * @see https://www.postgresql.org/docs/current/catalog-pg-db-role-setting.html
 */
export const DATABASE_SETTINGS = `
  SELECT k.name, k.value
  FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase AND d.datname = current_database(), unnest(s.setconfig) entry,
    LATERAL (SELECT split_part(entry, '=', 1) AS name, substr(entry, strpos(entry, '=') + 1) AS value) k
  WHERE s.setrole = 0 AND (lower(k.name) IN (${MEANINGFUL.map((name) => `'${name}'`).join(", ")}) OR k.name LIKE '%.%')`;

/**
 * The search path that the connection begins with, as SQL: there the application's queries find their tables.
 *
 * @see https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-PATH
 */
export const SEARCH_PATH = `
  SELECT string_agg(quote_ident(CASE part WHEN '$user' THEN session_user ELSE part END), ', ' ORDER BY place) AS path
  FROM (SELECT trim(BOTH '"' FROM trim(p.part)) AS part, p.place FROM pg_settings s,
    regexp_split_to_table(s.reset_val, ',') WITH ORDINALITY p(part, place) WHERE s.name = 'search_path') parts WHERE part <> ''`;

/** The names of the sequences that may be read, identity columns' included. */
export const SEQUENCE_NAMES = `
  SELECT c.oid::regclass::text AS name, has_sequence_privilege(c.oid, 'SELECT') AND has_schema_privilege(c.relnamespace, 'USAGE') AS readable FROM pg_class c
  WHERE c.relkind = 'S' AND ${inScope("c.relnamespace")} AND ${standsAlone("pg_class", "c.oid")} ORDER BY c.oid`;
