import { ifThere, isCopied } from "./scope.ts";

const ACTIONS = `concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
  CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END)`;

const PARAMETERS = `concat_ws(', ', format('publish = %L', ${ACTIONS}),
  CASE WHEN p.pubviaroot THEN 'publish_via_partition_root = true' END,
  CASE ${ifThere("p", "pubgencols")} WHEN 's' THEN 'publish_generated_columns = stored' END)`;

/** Column lists and conditions of published tables came with 15. */
const DETAILS = `concat((SELECT format(' (%s)', string_agg(quote_ident(a.attname), ', ' ORDER BY k.place))
    FROM unnest(r.prattrs::int2[]) WITH ORDINALITY k(number, place)
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number HAVING count(*) > 0),
  ' WHERE (' || pg_get_expr(r.prqual, c.oid) || ')')`;

const tables = (
  details: string,
) => `(SELECT 'TABLE ' || string_agg(format('%s%s%s', CASE c.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END,
    c.oid::regclass, ${details}), ', ' ORDER BY r.oid)
  FROM pg_publication_rel r JOIN pg_class c ON c.oid = r.prrelid WHERE r.prpubid = p.oid AND ${isCopied("c")})`;

const SCHEMAS = `(SELECT string_agg(format('TABLES IN SCHEMA %I', s.nspname), ', ') FROM pg_publication_namespace m JOIN pg_namespace s ON s.oid = m.pnnspid WHERE m.pnpubid = p.oid)`;

/**
 * Publications: without a subscriber they do nothing, and whether one is for all tables matters to the graft.
 *
 * @see https://www.postgresql.org/docs/current/catalog-pg-publication.html
 */
export function publications(major: number): string {
  return `SELECT 'publication' AS kind, p.pubname AS name, concat(format('CREATE PUBLICATION %I', p.pubname),
      CASE WHEN p.puballtables THEN ' FOR ALL TABLES' ELSE ' FOR ' || nullif(concat_ws(', ', ${major >= 15 ? `${tables(DETAILS)}, ${SCHEMAS}` : tables("''")}), '') END,
      format(' WITH (%s)', ${PARAMETERS})) AS sql
    FROM pg_publication p ORDER BY p.oid`;
}
