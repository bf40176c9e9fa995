import { type EventQuery, type RecordedEvent, readEvents } from "../../audit/read.ts";
import { SqlState, sqlState } from "../../postgres/sqlstate.ts";
import { withTransaction } from "../../postgres/transaction.ts";
import { FieldsError } from "../fields/field-error.ts";
import { undecided } from "../undecided.ts";
import type { AdminParts } from "./acting.ts";
import { cursorInvalid, readCursor, writeCursor } from "./cursor.ts";
import { READ_SETTINGS } from "./read-settings.ts";

/** Which events. What is not given is not asked for; times are RFC 3339. */
export interface AuditQuery {
  readonly event?: string | undefined;
  readonly userId?: string | undefined;
  readonly actorId?: string | undefined;
  /** Not before this. */
  readonly from?: string | undefined;
  /** Before this. */
  readonly until?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** What was written down, newest first. */
export interface AuditPage {
  readonly events: readonly RecordedEvent[];
  /** For the next page; null on the last. */
  readonly next_cursor: string | null;
}

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Makes `readAudit`. It throws SignInError `cursor_invalid`; FieldsError `field_invalid` where it takes longer than
 * five seconds; DatabaseError.
 */
export function createReadAudit({
  pool,
  configuration,
}: AdminParts): (query: AuditQuery) => Promise<AuditPage> {
  return async (query) => {
    const wanted = toEventQuery(query);
    if (wanted === null) return { events: [], next_cursor: null };
    const events = await withTransaction(pool, async (client) => {
      await client.query(READ_SETTINGS);
      return readEvents(client, configuration.schema, wanted);
    }).catch((error: unknown) => {
      throw explain(error);
    });
    return toPage(events, query.limit);
  };
}

function toPage(read: readonly RecordedEvent[], limit: number): AuditPage {
  const events = read.slice(0, limit);
  const last = events.at(-1);
  const isLast = read.length <= limit || last === undefined;
  return { events, next_cursor: isLast ? null : writeCursor([last.occurred_at, last.id]) };
}

/** Null where nothing can be found: no text in the database holds what is looked for. */
function toEventQuery(query: AuditQuery): EventQuery | null {
  const { event = null, userId = null, actorId = null, from = null, until = null, limit } = query;
  const after = readPlace(query.cursor);
  const isOdd = (text: string | null) => text !== null && (text.includes("\0") || !text.isWellFormed());
  if ([event, userId, actorId].some(isOdd)) return null;
  return { event, userId, actorId, from, until, after, limit: limit + 1 };
}

function readPlace(cursor: string | undefined): EventQuery["after"] {
  const place = readCursor(cursor, 2);
  if (place === null) return null;
  const [occurred_at = "", id = ""] = place;
  if (!MOMENT.test(occurred_at) || Number.isNaN(Date.parse(occurred_at)) || !UUID.test(id)) {
    throw cursorInvalid();
  }
  return { occurred_at, id };
}

function explain(error: unknown): unknown {
  const state = sqlState(error) ?? "";
  // A day that no month has passes for one until PostgreSQL looks at it.
  if (["22007", "22008"].includes(state)) return cursorInvalid();
  return state === SqlState.queryCanceled ? tooMuch() : undecided(error);
}

function tooMuch(): FieldsError {
  return new FieldsError({
    field: "event",
    code: "field_invalid",
    message: "There is too much to look through for this: give from and until, or a user_id.",
  });
}
