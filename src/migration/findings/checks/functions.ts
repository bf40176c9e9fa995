import type { Finding } from "../../finding.ts";
import { missingColumns } from "../../users-objects.ts";
import type { Examined, FindingCheck, Query } from "../check.ts";
import { evidence, warning } from "../evidence.ts";
import { changedNames } from "../functions/column-names.ts";
import type { FunctionFacts, Hit, ReadFunction } from "../functions/function-facts.ts";
import { brokenRowShapes, wholeRowInserts } from "../functions/row-shapes.ts";
import { historyStars, starCombinations } from "../functions/star-copies.ts";
import { readStatements } from "../functions/statement.ts";
import { auditedRows, rowsHandedOut, truncations, wholeCopies } from "../functions/whole-table.ts";

/** What is looked for in each function; `columns`: only while a column is still to be added. */
const LOOKS: readonly {
  readonly code: string;
  readonly columns: boolean;
  readonly find: (fn: ReadFunction, subject: Examined) => readonly Hit[];
}[] = [
  { code: "history_trigger_star", columns: true, find: historyStars },
  { code: "function_row_shape", columns: true, find: brokenRowShapes },
  { code: "function_inserts_row", columns: true, find: wholeRowInserts },
  { code: "function_select_star", columns: true, find: starCombinations },
  { code: "function_copy_whole", columns: true, find: wholeCopies },
  { code: "function_column_name", columns: true, find: changedNames },
  { code: "truncate_revives_tokens", columns: false, find: truncations },
  { code: "audit_keeps_hash", columns: false, find: auditedRows },
  { code: "function_returns_hash", columns: false, find: rowsHandedOut },
];

const LONGEST_ANSWER = 160;

/** Reads the functions that name the table, return its rows or are its triggers (SQL and PL/pgSQL). */
export const functionsCheck: FindingCheck<FunctionFacts> = {
  id: "functions",
  applies: () => true,
  query: ({ users }) => ({
    sql: `
      WITH fired AS MATERIALIZED (
        SELECT tgfoid, array_agg(tgname::text ORDER BY tgname) AS names FROM pg_catalog.pg_trigger
        WHERE tgrelid = $1::oid AND NOT tgisinternal GROUP BY tgfoid)
      SELECT p.oid::regprocedure::text AS name, l.lanname AS language, p.prosrc AS source,
        p.prosqlbody IS NOT NULL AS atomic, pg_get_function_result(p.oid) AS result,
        p.prorettype = c.reltype AS "returnsRow", p.prosecdef AS "securityDefiner",
        coalesce(f.names, '{}') AS triggers
      FROM pg_catalog.pg_class c, pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
      LEFT JOIN fired f ON f.tgfoid = p.oid
      WHERE c.oid = $1::oid AND l.lanname IN ('sql', 'plpgsql')
        AND p.pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
        AND (strpos(lower(p.prosrc), $2) > 0 OR p.prorettype = c.reltype OR f.tgfoid IS NOT NULL)
      ORDER BY 1`,
    values: [users.oid, users.name.toLowerCase().replaceAll('"', '""')],
  }),
  judge: (rows, subject) => rows.flatMap((row) => judgeFunction(row, subject)),
};

function judgeFunction(facts: FunctionFacts, subject: Examined): Finding[] {
  const fn: ReadFunction = { ...facts, statements: readStatements(facts.source) };
  const growing = missingColumns(subject).length > 0;
  return LOOKS.filter((look) => growing || !look.columns).flatMap(({ code, find }) =>
    find(fn, subject)
      .slice(0, 1)
      .map(({ text, message, fix }) =>
        warning({
          code,
          object: fn.name,
          message,
          fix,
          evidence: evidence(bodyOf(fn), subject, snippet(text)),
        }),
      ),
  );
}

function bodyOf(fn: FunctionFacts): Query {
  return {
    sql: "SELECT pg_get_function_result(oid), prosrc FROM pg_catalog.pg_proc WHERE oid = $1::regprocedure",
    values: [fn.name],
  };
}

function snippet(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > LONGEST_ANSWER ? `${line.slice(0, LONGEST_ANSWER)}…` : line;
}
