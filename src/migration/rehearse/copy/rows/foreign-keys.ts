import type { Queryable } from "../../../../postgres/client.ts";
import { isCopied } from "../definitions/scope.ts";

/** A pair of columns that a foreign key compares: `parent <operator> child`. */
export interface KeyColumn {
  /** Quoted. */
  readonly child: string;
  readonly childType: string;
  readonly parent: string;
  readonly parentType: string;
  /** As SQL, with its schema: the types' own `=` need not be on any search path. */
  readonly operator: string;
}

/** A foreign key as far as rows go. */
export interface RowForeignKey {
  readonly oid: string;
  readonly name: string;
  /** The oid of the table that references. */
  readonly child: string;
  /** The oid of the table that is referenced. */
  readonly parent: string;
  readonly columns: readonly KeyColumn[];
}

const COLUMNS = `
  (SELECT jsonb_agg(jsonb_build_object('child', quote_ident(a.attname), 'childType', format_type(a.atttypid, a.atttypmod),
      'parent', quote_ident(b.attname), 'parentType', format_type(b.atttypid, b.atttypmod),
      'operator', format('OPERATOR(%I.%s)', s.nspname, o.oprname)) ORDER BY k.place)
    FROM unnest(n.conkey, n.confkey, n.conpfeqop) WITH ORDINALITY k(child, parent, operator, place)
    JOIN pg_attribute a ON a.attrelid = n.conrelid AND a.attnum = k.child
    JOIN pg_attribute b ON b.attrelid = n.confrelid AND b.attnum = k.parent
    JOIN pg_operator o ON o.oid = k.operator JOIN pg_namespace s ON s.oid = o.oprnamespace)`;

/** Reads the foreign keys; those over periods are left to PostgreSQL's own judgement. */
export async function readForeignKeys(client: Queryable): Promise<RowForeignKey[]> {
  const { rows } = await client.query<RowForeignKey>(
    `SELECT n.oid::text AS oid, n.conname AS name, n.conrelid::text AS child, n.confrelid::text AS parent, ${COLUMNS} AS columns
     FROM pg_constraint n JOIN pg_class c ON c.oid = n.conrelid
     WHERE n.contype = 'f' AND n.conparentid = 0 AND (to_jsonb(n) ->> 'conperiod') IS DISTINCT FROM 'true'
       AND c.relkind IN ('r', 'p') AND ${isCopied("c")} ORDER BY n.oid`,
  );
  return rows;
}
