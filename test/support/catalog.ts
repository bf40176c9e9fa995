import type pg from "pg";

/**
 * The logical schema of a whole database, read from the catalog by queries of the tests' own: every
 * column, type, default, constraint, index, trigger, policy, grant, comment and sequence, outside the
 * schemas of the system and the relations that are named as left out.
 */
export async function readLogicalSchema(
  client: Pick<pg.ClientBase, "query">,
  leaveOut: { readonly schemas: readonly string[]; readonly relations: readonly string[] },
): Promise<Record<string, unknown[]>> {
  const result: Record<string, unknown[]> = {};
  for (const [name, sql] of Object.entries(QUERIES)) {
    const { rows } = await client.query(`WITH ${SUBJECTS} ${sql}`, [leaveOut.schemas, leaveOut.relations]);
    result[name] = rows;
  }
  return result;
}

/** A digest of every value of the named columns of every row of a table, in the order of its key. */
export async function digestRows(
  client: Pick<pg.ClientBase, "query">,
  table: string,
  columns: readonly string[],
  key: string,
): Promise<string> {
  const list = columns.map((column) => `"${column.replaceAll('"', '""')}"`).join(", ");
  const { rows } = await client.query<{ digest: string }>(
    `SELECT md5(coalesce(string_agg(md5(ROW(${list})::text), '' ORDER BY "${key.replaceAll('"', '""')}"::text COLLATE "C"), '')) AS digest FROM ${table}`,
  );
  return rows[0]?.digest ?? "";
}

const SUBJECTS = `
  spaces AS (
    SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND nspname <> ALL($1::text[])
  ), subjects AS (
    SELECT c.*, s.nspname FROM pg_class c JOIN spaces s ON s.oid = c.relnamespace
    WHERE c.relname <> ALL($2::text[]) AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
      AND NOT EXISTS (SELECT FROM pg_depend d JOIN pg_class o ON o.oid = d.refobjid WHERE d.objid = c.oid AND d.deptype = 'i' AND d.classid = 'pg_class'::regclass AND o.relname = ANY($2::text[]))
  )`;

const QUERIES: Readonly<Record<string, string>> = {
  schemas: `SELECT nspname, (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(nspacl) a) AS acl, obj_description(n.oid, 'pg_namespace') AS comment
    FROM spaces s JOIN pg_namespace n USING (oid, nspname) ORDER BY 1`,
  relations: `SELECT nspname, relname, relkind, relpersistence, pg_get_userbyid(relowner) AS owner, relrowsecurity, relforcerowsecurity,
    relreplident, reloptions, (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(relacl) a) AS acl,
    obj_description(oid, 'pg_class') AS comment FROM subjects ORDER BY 1, 2`,
  columns: `SELECT nspname, relname, attname, row_number() OVER (PARTITION BY s.oid ORDER BY attnum) AS position,
    format_type(atttypid, atttypmod) AS type, attnotnull, attidentity, attgenerated, attstorage, attcompression, attstattarget, attislocal, attinhcount,
    attoptions, attcollation::regcollation::text AS collation, pg_get_expr(d.adbin, d.adrelid) AS "default",
    (SELECT array_agg(x::text ORDER BY x::text) FROM unnest(attacl) x) AS acl, col_description(s.oid, attnum) AS comment
    FROM subjects s JOIN pg_attribute a ON a.attrelid = s.oid LEFT JOIN pg_attrdef d ON d.adrelid = s.oid AND d.adnum = attnum
    WHERE attnum > 0 AND NOT attisdropped ORDER BY 1, 2, 4`,
  constraints: `SELECT nspname, relname, conname, contype, pg_get_constraintdef(n.oid) AS definition, convalidated, condeferrable,
    condeferred, conislocal, coninhcount, connoinherit, obj_description(n.oid, 'pg_constraint') AS comment
    FROM subjects s JOIN pg_constraint n ON n.conrelid = s.oid ORDER BY 1, 2, 3`,
  indexes: `SELECT s.nspname, s.relname, x.relname AS index, pg_get_indexdef(x.oid) AS definition, indisunique, indisprimary, indisvalid,
    indisready, indisclustered, indisreplident, pg_get_userbyid(x.relowner) AS owner, x.reloptions, obj_description(x.oid, 'pg_class') AS comment
    FROM subjects s JOIN pg_index i ON i.indrelid = s.oid JOIN pg_class x ON x.oid = i.indexrelid ORDER BY 1, 2, 3`,
  triggers: `SELECT nspname, relname, tgname, pg_get_triggerdef(t.oid) AS definition, tgenabled
    FROM subjects s JOIN pg_trigger t ON t.tgrelid = s.oid WHERE NOT tgisinternal ORDER BY 1, 2, 3`,
  policies: `SELECT nspname, relname, polname, polcmd, polpermissive, polroles::text, pg_get_expr(polqual, polrelid) AS using,
    pg_get_expr(polwithcheck, polrelid) AS check FROM subjects s JOIN pg_policy p ON p.polrelid = s.oid ORDER BY 1, 2, 3`,
  sequences: `SELECT nspname, relname, seqtypid::regtype::text AS type, seqstart, seqincrement, seqmax, seqmin, seqcache, seqcycle
    FROM subjects s JOIN pg_sequence q ON q.seqrelid = s.oid ORDER BY 1, 2`,
  functions: `SELECT nspname, p.oid::regprocedure::text AS function, md5(prosrc) AS body, proacl::text FROM pg_proc p
    JOIN spaces s ON s.oid = p.pronamespace ORDER BY 1, 2`,
  views: `SELECT nspname, relname, pg_get_viewdef(oid) AS definition FROM subjects WHERE relkind IN ('v', 'm') ORDER BY 1, 2`,
  statistics: `SELECT nspname, relname, stxname, pg_get_statisticsobjdef(x.oid) AS definition FROM subjects s
    JOIN pg_statistic_ext x ON x.stxrelid = s.oid ORDER BY 1, 2, 3`,
  publications: `SELECT pubname, p.puballtables, nspname, relname FROM pg_publication p LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid
    LEFT JOIN subjects s ON s.oid = r.prrelid ORDER BY 1, 3, 4`,
  defaultPrivileges: `SELECT pg_get_userbyid(defaclrole) AS role, defaclobjtype, defaclacl::text FROM pg_default_acl ORDER BY 1, 2`,
};
