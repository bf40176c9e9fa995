import type { Queryable } from "../../../postgres/client.ts";
import { quoteIdentifier } from "../../../postgres/identifiers.ts";
import { sqlState } from "../../../postgres/sqlstate.ts";
import type { RecordedQuery } from "../rehearsal.ts";

const MOST = 200;

/** Where the view is, and whether it tells an application's statements from those inside functions (1.9). */
const WHERE = `
  SELECT n.nspname AS schema, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'toplevel') AS toplevel
  FROM pg_extension x JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = x.oid AND d.classid = 'pg_class'::regclass
  JOIN pg_class c ON c.oid = d.objid AND c.relname = 'pg_stat_statements' JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE x.extname = 'pg_stat_statements'`;

/**
 * What `pg_stat_statements` has of this database's statements that name the table and read or write rows, the
 * most frequent first. Others' statements are hidden from a role that is no member of pg_read_all_stats.
 *
 * @param table the table's bare name.
 * @returns null where the extension is missing, not loaded, or not to be read.
 * @see https://www.postgresql.org/docs/current/pgstatstatements.html
 */
export async function readRecordedQueries(client: Queryable, table: string): Promise<RecordedQuery[] | null> {
  const { rows: places } = await client.query<{ schema: string; toplevel: boolean }>(WHERE);
  const place = places[0];
  if (place === undefined) return null;
  const view = `${quoteIdentifier(place.schema)}.pg_stat_statements`;
  try {
    const { rows } = await client.query<{ sql: string; calls: number }>(
      `SELECT s.query AS sql, sum(s.calls)::float8 AS calls FROM ${view} s
       WHERE s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
         ${place.toplevel ? "AND s.toplevel" : ""} AND strpos(lower(s.query), lower($1)) > 0
         AND s.query <> '<insufficient privilege>'
       GROUP BY s.query ORDER BY calls DESC, s.query`,
      [table],
    );
    const about = rows.filter(({ sql }) => isAboutRows(sql) && names(sql, table)).slice(0, MOST);
    return about.map(({ sql, calls }) => ({ sql, origin: "pg_stat_statements", calls }));
  } catch (error) {
    if (sqlState(error) === undefined) throw error;
    return null;
  }
}

/** Behind comments and parentheses stands what a statement does. */
function isAboutRows(sql: string): boolean {
  const bare = sql.replaceAll(/\/\*.*?\*\//gs, " ").replaceAll(/--[^\n]*/g, " ");
  return /^[\s(]*(SELECT|INSERT|UPDATE|DELETE|WITH)\b/i.test(bare);
}

/** Whether a statement has the name as a word of its own, quoted or not: `users`, not `users_archive`. */
function names(sql: string, table: string): boolean {
  const quoted = `"${table.replaceAll('"', '""')}"`;
  if (sql.includes(quoted)) return true;
  if (!/^[\p{L}_][\p{L}\p{N}_$]*$/u.test(table)) return false;
  return new RegExp(`(?<![\\p{L}\\p{N}_$"])${table.replaceAll("$", "\\$")}(?![\\p{L}\\p{N}_$"])`, "iu").test(
    sql,
  );
}
