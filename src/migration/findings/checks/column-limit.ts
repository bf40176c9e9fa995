import { missingColumns } from "../../users-objects.ts";
import type { Examined, FindingCheck, Query } from "../check.ts";
import { evidence, refusal, warning } from "../evidence.ts";
import { tableName } from "../subject.ts";

/** Columns that a table may ever have, dropped ones included. */
const LIMIT = 1_600;

/** Below so many left, few more round trips fit. */
const FEW = 30;

interface Numbers {
  readonly used: number;
}

/**
 * Whether the columns still have a place: each that was ever dropped keeps its own.
 *
 * @see https://www.postgresql.org/docs/current/limits.html
 */
export const columnLimitCheck: FindingCheck<Numbers> = {
  id: "column-limit",
  applies: (subject) => missingColumns(subject).length > 0,
  query: columnNumbers,
  judge: ([row], subject) => {
    const left = LIMIT - (row?.used ?? 0);
    const needed = missingColumns(subject).length;
    if (left - needed >= FEW) return [];
    const found = {
      code: "column_limit",
      object: tableName(subject),
      message: `${tableName(subject)} has used ${LIMIT - left} of the ${LIMIT} columns that a table may ever have, dropped ones included; the graft takes ${needed}.`,
      fix: "Make the table anew (CREATE TABLE … (LIKE …), copy the rows, rename): nothing else gives back the places of dropped columns.",
      evidence: evidence(columnNumbers(subject), subject, String(row?.used ?? 0)),
    };
    return [left < needed ? refusal(found) : warning(found)];
  },
};

function columnNumbers({ users }: Examined): Query {
  return {
    sql: "SELECT relnatts::int AS used FROM pg_class WHERE oid = $1::oid",
    values: [users.oid],
  };
}
