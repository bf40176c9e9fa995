import { quoteLiteral } from "../postgres/identifiers.ts";

/**
 * The statement that stands before DROP COLUMN, under the same lock: what somebody has made on these columns since
 * `down` looked. Only what would go along without a word: views and the like keep a column from being dropped.
 *
 * @param table quoted.
 * @see https://www.postgresql.org/docs/current/catalog-pg-depend.html
 */
export function refuseNewDependents(table: string, columns: readonly string[]): string {
  return `DO ${quoteLiteral(`
DECLARE
  found text;
BEGIN
  SELECT string_agg(pg_describe_object(d.classid, d.objid, d.objsubid), ', ') INTO found
  FROM pg_depend d
  JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
  LEFT JOIN pg_constraint n ON d.classid = 'pg_constraint'::regclass AND n.oid = d.objid
  WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = ${quoteLiteral(table)}::regclass
    AND a.attname IN (${columns.map(quoteLiteral).join(", ")})
    AND d.classid IN ('pg_class'::regclass, 'pg_constraint'::regclass, 'pg_statistic_ext'::regclass)
    AND d.deptype = 'a' AND n.contype IS DISTINCT FROM 'n';
  IF found IS NOT NULL THEN
    RAISE EXCEPTION 'it would take along what was made meanwhile: %', found
      USING ERRCODE = 'dependent_objects_still_exist';
  END IF;
END`)}`;
}
