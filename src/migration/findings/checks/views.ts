import type { Examined, FindingCheck, Query } from "../check.ts";
import { evidence, warning } from "../evidence.ts";
import { readStatements } from "../functions/statement.ts";
import { handsOutRows } from "../functions/whole-table.ts";
import { columnName, tableName } from "../subject.ts";

interface View {
  readonly name: string;
  readonly definition: string;
}

/** Views keep the columns they were made with, unless they take rows whole: to_jsonb(u) grows with the table. */
export const viewsCheck: FindingCheck<View> = {
  id: "views",
  applies: () => true,
  query,
  judge: (rows, subject) =>
    rows
      .filter(({ definition }) => readStatements(definition).some((one) => handsOutRows(one, subject)))
      .map(({ name }) =>
        warning({
          code: "view_shows_hash",
          object: name,
          message: `The view ${name} takes whole rows of ${tableName(subject)}, as to_jsonb() or a row value: whoever may read the view reads ${columnName(subject, subject.mapping.password_hash)}.`,
          fix: `Make ${name} again with the columns by name, or with to_jsonb(…) - '${subject.mapping.password_hash}'.`,
          evidence: evidence(query(subject), subject, name),
        }),
      ),
};

/** In the stored rule a column's number 0 means the row; that is cheaper to see than the definition. */
function query({ users }: Examined): Query {
  return {
    sql: `
      SELECT c.oid::regclass::text AS name, pg_get_viewdef(c.oid) AS definition
      FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class AND c.relkind IN ('v', 'm')
      WHERE r.oid IN (SELECT d.objid FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_rewrite'::regclass
          AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::oid)
        AND strpos(r.ev_action::text, ':varattno 0 ') > 0 ORDER BY 1`,
    values: [users.oid],
  };
}
