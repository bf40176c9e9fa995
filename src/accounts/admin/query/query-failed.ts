import { AuthgraftError } from "../../../errors.ts";
import { sqlState } from "../../../postgres/sqlstate.ts";

/** As PostgreSQL has it: active_sql_transaction. */
const ACTIVE_TRANSACTION = "25001";

/** A query that PostgreSQL refused; everything that it did is undone, unless it committed that itself. */
export class QueryFailedError extends AuthgraftError {
  /** What kind of refusal: a code of PostgreSQL's. */
  readonly sqlstate: string;
  /** The character of the query that it is about, counted from 1; null where PostgreSQL names none. */
  readonly position: number | null;

  constructor(error: unknown, sqlstate: string, message = sayable(error, sqlstate)) {
    super("query_failed", message, { cause: error });
    this.sqlstate = sqlstate;
    this.position = positionOf(error);
  }
}

/** The error of a query that PostgreSQL raised an error about; any other goes through as it is. */
export function explainQueryError(error: unknown): unknown {
  const state = sqlState(error);
  return state === undefined ? error : new QueryFailedError(error, state);
}

/** The error of a query that ends within a transaction that it began itself: what that did is undone. */
export function leftOpen(): QueryFailedError {
  const message =
    "The query left a transaction open, and it was rolled back. End it with COMMIT, or leave out BEGIN.";
  return new QueryFailedError(undefined, ACTIVE_TRANSACTION, message);
}

function positionOf(error: unknown): number | null {
  const position = Number(fieldOf(error, "position"));
  return Number.isInteger(position) && position > 0 ? position : null;
}

/**
 * PostgreSQL's own words where they are about the text of the query alone: an error of class 42 with a place in that
 * text was found while it was read. Those that come up while it runs may quote what stands in a row
 * (`password_hash::regclass`), and those of a function what it likes.
 *
 * @see https://www.postgresql.org/docs/current/protocol-error-fields.html
 */
function sayable(error: unknown, sqlstate: string): string {
  const isOfText =
    sqlstate.startsWith("42") &&
    positionOf(error) !== null &&
    fieldOf(error, "where") === undefined &&
    fieldOf(error, "internalQuery") === undefined;
  return error instanceof Error && isOfText
    ? `PostgreSQL says: ${error.message}.`
    : `PostgreSQL refused the query (${sqlstate}); its words may hold data, and are not passed on.`;
}

function fieldOf(error: unknown, name: string): unknown {
  return typeof error === "object" && error !== null ? Reflect.get(error, name) : undefined;
}
