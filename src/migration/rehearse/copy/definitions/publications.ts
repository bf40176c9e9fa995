import { ifThere, isCopied } from "./scope.ts";

/** A publication, in fields that are names, and one that is SQL. */
export interface PublicationRow {
  readonly name: string;
  readonly allTables: boolean;
  /** `TABLE ONLY public.users …`, as PostgreSQL writes it back; null where no table is named. */
  readonly tables: string | null;
  readonly schemas: readonly string[];
  readonly actions: readonly string[];
  readonly viaRoot: boolean;
  /** Whether stored generated columns are published, which came with 18. */
  readonly generated: boolean;
  readonly comment: string | null;
}

const ACTIONS = `array_remove(ARRAY[CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
  CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END], NULL)`;

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

const SCHEMAS = `ARRAY(SELECT s.nspname::text FROM pg_publication_namespace m JOIN pg_namespace s ON s.oid = m.pnnspid WHERE m.pnpubid = p.oid)`;

/**
 * Publications: without a subscriber they do nothing, and whether one is for all tables matters to the graft.
 *
 * @see https://www.postgresql.org/docs/current/catalog-pg-publication.html
 */
export function publications(major: number): string {
  return `SELECT p.pubname AS name, p.puballtables AS "allTables", ${tables(major >= 15 ? DETAILS : "''")} AS tables,
      ${major >= 15 ? SCHEMAS : "'{}'::text[]"} AS schemas, ${ACTIONS} AS actions, p.pubviaroot AS "viaRoot",
      coalesce(${ifThere("p", "pubgencols")} = 's', false) AS generated, obj_description(p.oid, 'pg_publication') AS comment
    FROM pg_publication p ORDER BY p.oid`;
}
