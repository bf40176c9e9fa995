import type { Queryable } from "../postgres/client.ts";
import { qualify } from "../postgres/identifiers.ts";
import type { AuditActor } from "./record.ts";

/** What was written down, as it is read back. */
export interface RecordedEvent {
  readonly id: string;
  /** RFC 3339, to the microsecond. */
  readonly occurred_at: string;
  readonly event: string;
  readonly result: string;
  readonly actor: { readonly kind: string; readonly id: string | null };
  readonly user_id: string | null;
  readonly session_id: string | null;
  readonly address: string | null;
  readonly user_agent: string | null;
  readonly detail: Readonly<Record<string, unknown>> | null;
}

/** Which events, newest first. What is null is not asked for. */
export interface EventQuery {
  readonly event: string | null;
  readonly userId: string | null;
  readonly actorId: AuditActor["id"];
  /** Times, each as RFC 3339: not before, and before. */
  readonly from: string | null;
  readonly until: string | null;
  /** Where the page before ended. */
  readonly after: Pick<RecordedEvent, "occurred_at" | "id"> | null;
  readonly limit: number;
}

type Row = Omit<RecordedEvent, "actor"> & { readonly actor: string; readonly actor_id: string | null };

/** Reads events back, newest first. `schema` is the graft's. */
export async function readEvents(
  client: Queryable,
  schema: string,
  query: EventQuery,
): Promise<RecordedEvent[]> {
  const { rows } = await client.query<Row>(
    `SELECT l.id::text AS id, to_char(l.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS occurred_at,
            l.event, l.result, l.actor, l.actor_id, l.user_id, l.session_id::text AS session_id, l.address, l.user_agent, l.detail
       FROM ${qualify(schema, "audit_log")} l
      WHERE ($1::text IS NULL OR l.event = $1::text) AND ($2::text IS NULL OR l.user_id = $2::text)
        AND ($3::text IS NULL OR l.actor_id = $3::text)
        AND ($4::text IS NULL OR l.occurred_at >= $4::text::timestamptz)
        AND ($5::text IS NULL OR l.occurred_at < $5::text::timestamptz)
        AND ($6::text IS NULL OR (l.occurred_at, l.id) < ($6::text::timestamptz, $7::text::uuid))
      ORDER BY l.occurred_at DESC, l.id DESC LIMIT $8::int4`,
    [
      ...[query.event, query.userId, query.actorId, query.from, query.until],
      ...[query.after?.occurred_at ?? null, query.after?.id ?? null, query.limit],
    ],
  );
  return rows.map(({ actor, actor_id, ...row }) => ({ ...row, actor: { kind: actor, id: actor_id } }));
}
