import { qualify, quoteIdentifier } from "../../../postgres/identifiers.ts";
import { missingColumns } from "../../users-objects.ts";
import type { Examined, FindingCheck, Query } from "../check.ts";
import { evidence, refusal } from "../evidence.ts";
import { tableName } from "../subject.ts";

interface Use {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly kind: string;
}

/** Columns elsewhere that hold whole rows of the table: PostgreSQL adds no column with a default then. */
export const rowTypeCheck: FindingCheck<Use> = {
  id: "row-type",
  applies: (subject) => missingColumns(subject).some(({ name }) => name === subject.mapping.is_admin),
  query,
  judge: (rows, subject) =>
    rows.map(({ schema, table, column, kind }) => {
      const name = `${schema}.${table}.${column}`;
      return refusal({
        code: "row_type_used",
        object: name,
        message: `${name} holds whole rows of ${tableName(subject)}, and PostgreSQL adds no column with a default to a table whose row type is stored elsewhere.`,
        fix:
          kind === "m"
            ? `Make the materialized view ${schema}.${table} again with to_jsonb() of the row.`
            : `ALTER TABLE ${qualify(schema, table)} ALTER COLUMN ${quoteIdentifier(column)} TYPE jsonb USING to_jsonb(${quoteIdentifier(column)});`,
        evidence: evidence(query(subject), subject, name),
      });
    }),
};

/** The row type itself, arrays of it, domains over it, composite types with it inside. */
function query({ users }: Examined): Query {
  return {
    sql: `
      WITH RECURSIVE holders AS (
        SELECT c.reltype AS oid FROM pg_catalog.pg_class c WHERE c.oid = $1::oid
        UNION
        SELECT x.oid FROM holders h CROSS JOIN LATERAL (
          SELECT t.oid FROM pg_catalog.pg_type t WHERE t.typbasetype = h.oid OR t.typelem = h.oid
          UNION ALL
          SELECT c.reltype FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
          WHERE c.relkind = 'c' AND a.atttypid = h.oid AND NOT a.attisdropped) x)
      SELECT s.nspname::text AS schema, c.relname::text AS table, a.attname::text AS column, c.relkind::text AS kind
      FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
      JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace
      WHERE a.atttypid IN (SELECT oid FROM holders) AND a.attnum > 0 AND NOT a.attisdropped
        AND c.relkind IN ('r', 'm', 'p') ORDER BY 1, 2, 3`,
    values: [users.oid],
  };
}
