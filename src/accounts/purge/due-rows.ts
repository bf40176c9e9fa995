import { qualify } from "../../postgres/identifiers.ts";
import type { UsersTable } from "../users-table.ts";

/** The tables that rows are purged from. */
export const PURGED_TABLES = ["revoked_tokens", "revocations", "sessions"] as const;

/** One of them. */
export type PurgedTable = (typeof PURGED_TABLES)[number];

/** Rows that nobody needs any more, and the statement that deletes the next of them. */
export interface DueRows {
  readonly table: PurgedTable;
  /** Takes where the batch before has got to, in seconds since 1970; answers with a `PurgedBatch`. */
  readonly text: string;
}

/** What one such statement came to. */
export interface PurgedBatch {
  readonly count: number;
  /** Seconds since 1970, to give to the next; null where there was nothing. */
  readonly reached: number | null;
}

/** Rows that one statement deletes at most: few enough that nobody waits for it. */
export const BATCH_ROWS = 1_000;

/** A server accepts a token for CLOCK_SKEW_SECONDS after it expired, by a clock that is not the database's. */
const EXPIRED = "interval '2 minutes'";

/** For so long a session that is over is still found, by its user and by whoever looks into something. */
const OVER = "interval '1 day'";

/**
 * All that is purged. A revocation stays until no server accepts its token any more by its expiry; a session until
 * its last access token has expired, too, so that the trigger on its deletion has nothing to write down.
 */
export function dueRows({ revokedTokens, sessions }: UsersTable, schema: string): DueRows[] {
  const due = (table: PurgedTable, name: string, column: string, age: string, condition = "true") => ({
    table,
    text: deleteBatch(name, column, `${column} < now() - ${age} AND ${condition}`),
  });
  const untokened = `token_expires_at < now() - ${EXPIRED}`;
  return [
    due("revoked_tokens", revokedTokens, "expires_at", EXPIRED),
    due("revocations", qualify(schema, "revocations"), "expires_at", EXPIRED),
    due("sessions", sessions, "expires_at", OVER, untokened),
    due("sessions", sessions, "ended_at", OVER, untokened),
  ];
}

/**
 * The oldest rows by an index on the column, without those that somebody else holds: another server purges them,
 * or an application that deletes their user. Beginning where the batch before ended spares the index the entries
 * of rows that are gone, which stay in it for as long as any old transaction could see them.
 *
 * ONLY, because `ctid` names a row within one table: an adopted `revoked_tokens` may have others inherit from it.
 *
 * @see https://www.postgresql.org/docs/current/sql-select.html#SQL-FOR-UPDATE-SHARE
 */
function deleteBatch(name: string, column: string, condition: string): string {
  return `WITH gone AS (
      DELETE FROM ONLY ${name} WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM ONLY ${name} WHERE ${column} >= to_timestamp($1::float8) AND ${condition}
         ORDER BY ${column} LIMIT ${BATCH_ROWS} FOR UPDATE SKIP LOCKED))
      RETURNING ${column} AS at)
    SELECT count(*)::int4 AS count, extract(epoch FROM max(at))::float8 AS reached FROM gone`;
}
