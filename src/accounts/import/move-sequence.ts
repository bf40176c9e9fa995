import type pg from "pg";
import { quoteLiteral } from "../../postgres/identifiers.ts";
import type { UsersTable } from "../users-table.ts";
import { ROWS, VERDICTS } from "./stage.ts";

/**
 * Ids that a file brings are unknown to the sequence that makes the next ones: it is moved past them before they
 * are written, so that nobody who registers meanwhile is given one of them.
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
  const moved = await client.query<{ value: string }>(
    `SELECT setval(${quoteLiteral(name)}, $1::int8)::text AS value FROM ${name} WHERE last_value < $1::int8`,
    [last],
  );
  return moved.rows.length === 0 ? null : `New ids go on behind ${last}, the highest in the file.`;
}
