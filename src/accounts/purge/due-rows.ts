import { qualify } from "../../postgres/identifiers.ts";
import type { UsersTable } from "../users-table.ts";

/** The tables whose rows expire. */
export const EXPIRING_TABLES = [
  "revoked_tokens",
  "revocations",
  "sessions",
  "one_time_tokens",
  "mail_queue",
  "rate_limits",
] as const;

/** One of them. */
export type ExpiringTable = (typeof EXPIRING_TABLES)[number];

/** A table that rows are purged from. */
export type PurgedTable = ExpiringTable | "audit_log";

/** Rows that nobody needs any more, and the statement that deletes the next of them. */
export interface DueRows<Table extends PurgedTable = PurgedTable> {
  readonly table: Table;
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

/** For so long an account, an address or a device that is tried no more is still known to have been. */
const FORGOTTEN = "expire < (extract(epoch FROM now()) * 1000)::int8 - 3600000";

const NOT_AT_ALL = "interval '0'";

/** How a column tells the time: what it is compared with, given seconds since 1970, and those seconds again. */
interface Clock {
  readonly moment: (seconds: string) => string;
  readonly seconds: (value: string) => string;
}

const TIMESTAMP: Clock = {
  moment: (seconds) => `to_timestamp(${seconds})`,
  seconds: (value) => `extract(epoch FROM ${value})`,
};

/** As rate-limiter-flexible writes it; nothing there is older than 1970. */
const MILLISECONDS: Clock = {
  moment: (seconds) => `(greatest(${seconds}, 0) * 1000)::int8`,
  seconds: (value) => `${value} / 1000.0`,
};

/**
 * All that expires. A revocation stays until no server accepts its token any more by its expiry; a session until
 * its last access token has expired, too, so that the trigger on its deletion has nothing to write down. A link and a
 * mail are nothing to anybody from their expiry on, which the database's own clock decides.
 */
export function dueRows({ revokedTokens, sessions }: UsersTable, schema: string): DueRows<ExpiringTable>[] {
  const due = (table: ExpiringTable, name: string, column: string, age: string, condition = "true") => ({
    table,
    text: deleteBatch(name, column, `${column} < now() - ${age} AND ${condition}`),
  });
  const own = (table: ExpiringTable) => qualify(schema, table);
  const untokened = `token_expires_at < now() - ${EXPIRED}`;
  return [
    due("revoked_tokens", revokedTokens, "expires_at", EXPIRED),
    due("revocations", own("revocations"), "expires_at", EXPIRED),
    due("sessions", sessions, "expires_at", OVER, untokened),
    due("sessions", sessions, "ended_at", OVER, untokened),
    due("one_time_tokens", own("one_time_tokens"), "expires_at", NOT_AT_ALL),
    due("mail_queue", own("mail_queue"), "expires_at", NOT_AT_ALL),
    { table: "rate_limits", text: deleteBatch(own("rate_limits"), "expire", FORGOTTEN, MILLISECONDS) },
  ];
}

/** Events that happened so many days ago. */
export function dueEvents(schema: string, days: number): DueRows<"audit_log"> {
  const condition = `occurred_at < now() - interval '${days} days'`;
  return { table: "audit_log", text: deleteBatch(qualify(schema, "audit_log"), "occurred_at", condition) };
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
function deleteBatch(name: string, column: string, condition: string, clock = TIMESTAMP): string {
  return `WITH gone AS (
      DELETE FROM ONLY ${name} WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM ONLY ${name} WHERE ${column} >= ${clock.moment("$1::float8")} AND ${condition}
         ORDER BY ${column} LIMIT ${BATCH_ROWS} FOR UPDATE SKIP LOCKED))
      RETURNING ${column} AS at)
    SELECT count(*)::int4 AS count, (${clock.seconds("max(at)")})::float8 AS reached FROM gone`;
}
