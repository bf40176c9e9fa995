import { sqlState } from "../../../postgres/sqlstate.ts";
import { dumpInvalid } from "./dump-error.ts";
import { reasonOf } from "./left-out-list.ts";

/** Rows that are no rows of COPY: the file was damaged, or cut and joined. */
const BAD_FORMAT = "22P04";
/** Bytes that are no text in the encoding they are said to be in. */
const BAD_BYTES = "22021";

/** `COPY shop.users, line 3, column since: "x"`, in any language; `COPY shop.users, line 3: "1\tx"` is of the row. */
const IN_A_COLUMN = /^COPY [^:]*?, \S+ \d+, /;

/**
 * Whether what COPY was given cannot have been written by a server that had it as rows of such columns. A function
 * of the dump's own may raise errors of the same class: PostgreSQL names the column only while it reads a value.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function isUnreadableRow(error: Error): boolean {
  const state = sqlState(error);
  if (state === BAD_FORMAT || state === BAD_BYTES) return true;
  return isBadValue(error) && IN_A_COLUMN.test(contextOf(error));
}

/** The same for a constant of an INSERT: PostgreSQL says where it stands while it reads it. */
export function isUnreadableConstant(error: Error): boolean {
  return isBadValue(error) && "position" in error && error.position !== undefined;
}

/** How money is written depends on the server's own locale, so it says nothing about the dump. */
function isBadValue(error: Error): boolean {
  const state = sqlState(error) ?? "";
  return state.startsWith("22") && !/\bmoney\b/.test(error.message);
}

/**
 * The error of rows that cannot be read; it quotes no value.
 *
 * @param dump the major version that the dump is of, where it says so.
 */
export function damagedRows(rows: string, error: Error, dump: number | undefined, server: number): Error {
  const line = /\bline \d+/.exec(contextOf(error))?.[0];
  const where = line === undefined ? "" : ` in their ${line}`;
  const message = `${rows} are damaged${where}: ${reasonOf(error)}.`;
  if (dump === undefined || dump === server) return dumpInvalid(message, undefined, error);
  return dumpInvalid(
    message,
    `Make the dump anew, and copy it whole. If it is whole, PostgreSQL ${server} does not read what ${dump} wrote: rehearse on PostgreSQL ${dump}.`,
    error,
  );
}

function contextOf(error: Error): string {
  return "where" in error ? String(error.where) : "";
}
