import type { Queryable } from "../postgres/client.ts";
import { qualify } from "../postgres/identifiers.ts";

/** What happened that somebody may want to know of later. A kind keeps its meaning. */
export type AuditEventKind = "refresh_token_reused";

/** What is written down about it: whom and where, never a token or a hash. */
export interface AuditEvent {
  readonly event: AuditEventKind;
  readonly userId: string;
  readonly sessionId: string | null;
  /** Where the request came from. */
  readonly address: string | null;
}

/** Writes an event down, in the transaction of what it tells of. `schema` is the graft's. */
export async function recordEvent(client: Queryable, schema: string, event: AuditEvent): Promise<void> {
  await client.query(
    `INSERT INTO ${qualify(schema, "audit_log")} (event, user_id, session_id, address)
     VALUES ($1, $2, $3::uuid, $4)`,
    [event.event, event.userId, event.sessionId, event.address],
  );
}
