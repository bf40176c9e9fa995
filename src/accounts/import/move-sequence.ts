import type pg from "pg";
import { quoteLiteral } from "../../postgres/identifiers.ts";
import type { UsersTable } from "../users-table.ts";
import { ROWS, VERDICTS } from "./stage.ts";

/**
 * Ids that a file brings are unknown to the sequence that makes the next ones: it is moved past them before they
 * are written, so that nobody who registers meanwhile is given one of them. It never moves back.
 *
 * @returns what to tell about it; null where nothing was to be done.
 * @see https://www.postgresql.org/docs/current/functions-sequence.html
 */
export async function moveSequence(client: pg.Client, table: UsersTable): Promise<string | null> {
  if (!/^int/.test(table.idType)) return null;
  const { rows } = await client.query<{ name: string | null; last: string | null }>(
    `SELECT pg_get_serial_sequence(${quoteLiteral(table.name)}, ${quoteLiteral(table.mapping.id)}) AS name,
      (SELECT max(s.id)::text FROM ${ROWS} s JOIN ${VERDICTS} v ON v.row = s.row WHERE v.outcome = 'new') AS last`,
  );
  const { name = null, last = null } = rows[0] ?? {};
  if (name === null || last === null) return null;
  await client.query("SET default_transaction_read_only = off");
  const isMoved = await moveBehind(client, name, last);
  return isMoved ? `New ids go on behind ${last}, the highest in the file.` : null;
}

/** Ids that others cannot take between a look at the sequence and the `setval` that follows in the same statement. */
const FAR = 10_000;

/**
 * Nothing locks a sequence against `nextval`, and `setval` could take back what others drew since the look. So a
 * short way is gone by drawing ids as everybody does, which never goes back, and `setval` only goes a long one.
 */
async function moveBehind(client: pg.Client, name: string, last: string): Promise<boolean> {
  const state = `SELECT $1::int8 - q.last_value AS missing, q.is_called, s.seqincrement AS step
    FROM ${name} q, pg_catalog.pg_sequence s WHERE s.seqrelid = ${quoteLiteral(name)}::regclass`;
  const leapt = await client.query(
    `SELECT setval(${quoteLiteral(name)}, $1::int8) FROM (${state}) t WHERE step > 0 AND missing / step > ${FAR}`,
    [last],
  );
  const { rows } = await client.query<{ drawn: boolean }>(
    `SELECT max(nextval(${quoteLiteral(name)})) IS NOT NULL AS drawn
     FROM (${state}) t, generate_series(1, CASE WHEN is_called THEN 0 ELSE 1 END + ceil(missing::numeric / step)::int8)
     WHERE step > 0 AND (missing > 0 OR missing = 0 AND NOT is_called)`,
    [last],
  );
  return leapt.rowCount !== 0 || rows[0]?.drawn === true;
}
