import type { Queryable } from "../../postgres/client.ts";
import { noOutcomes, type Outcome, type OutcomeCounts, type RefusedRow, WRITTEN } from "./import-report.ts";
import type { Match } from "./matching.ts";
import { ROWS, VERDICTS } from "./stage.ts";
import { Code, faultOfCode } from "./verdict-codes.ts";
import type { Extent } from "./write-sql.ts";

/** How many rows have each outcome, between two row numbers. */
export async function countOutcomes(client: Queryable, from = 0, to = 2 ** 31 - 1): Promise<OutcomeCounts> {
  const { rows } = await client.query<{ outcome: Outcome; count: number }>(
    `SELECT outcome, count(*)::int AS count FROM ${VERDICTS} WHERE row > $1 AND row <= $2 GROUP BY 1`,
    [from, to],
  );
  const counts = noOutcomes();
  for (const { outcome, count } of rows) counts[outcome] = count;
  return counts;
}

/** Whether there is anything of each kind to write. */
export async function readExtent(client: Queryable): Promise<Extent> {
  const written = WRITTEN.map((outcome) => `'${outcome}'`).join(", ");
  const any = (condition: string) => `coalesce(bool_or(${condition}), false)`;
  const { rows } = await client.query<Extent>(`
    SELECT ${any("outcome = 'new'")} AS "newRows", ${any("outcome <> 'new' AND sets_password")} AS passwords,
      ${any("outcome <> 'new' AND sets_email")} AS emails, ${any("outcome <> 'new' AND sets_username")} AS usernames,
      ${any("outcome <> 'new' AND sets_admin")} AS admins,
      ${any("outcome = 'password_replaced' OR outcome <> 'new' AND sets_verified")} AS "accountsOfOld",
      ${any("outcome = 'new' AND (sets_verified OR sets_disabled)")} AS "accountsOfNew"
    FROM ${VERDICTS} WHERE outcome IN (${written})`);
  const [extent] = rows;
  if (extent === undefined) throw new TypeError("an aggregate answered without a row");
  return extent;
}

const CHUNK = 10_000;

/** The rows that do not fit, in their order, many at a time. */
export async function* readRefused(
  client: Queryable,
  match: Match,
  most = CHUNK,
): AsyncGenerator<RefusedRow[], void> {
  for (let after = -1; ; ) {
    const { rows } = await client.query<{
      row: number;
      code: number;
      other: number | null;
      field: RefusedRow["field"];
      reason: string;
    }>(
      `SELECT v.row, v.code, v.other, s.field, s.reason FROM ${VERDICTS} v JOIN ${ROWS} s ON s.row = v.row
       WHERE v.row > $1 AND v.outcome = 'refused' ORDER BY v.row LIMIT $2`,
      [after, most],
    );
    if (rows.length === 0) return;
    yield rows.map(({ row, code, other, field, reason }) => ({
      row,
      ...(code === Code.unreadable ? { field, reason } : faultOfCode(code, other, match)),
    }));
    after = rows.at(-1)?.row ?? after;
  }
}
