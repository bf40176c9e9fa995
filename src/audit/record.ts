import type { Queryable } from "../postgres/client.ts";
import { qualify } from "../postgres/identifiers.ts";

/** What happened that somebody may want to know of later. A kind keeps its meaning. */
export type AuditEventKind =
  | "registered"
  | "registration_requested"
  | "login"
  | "bridged"
  | "logout"
  | "logout_all"
  | "session_ended"
  | "refresh_token_reused"
  | "password_changed"
  | "password_set"
  | "password_reset_requested"
  | "password_reset"
  | "email_verification_requested"
  | "email_verified"
  | "email_change_requested"
  | "email_change_confirmed"
  | "email_changed"
  | "password_refused"
  | "link_refused"
  | "profile_changed"
  | "account_claimed"
  | "account_closed"
  | "admin_granted"
  | "admin_revoked"
  | "user_disabled"
  | "user_enabled"
  | "sessions_ended"
  | "token_revoked"
  | "claim_link_made"
  | "admin_key_refused"
  | "admin_refused"
  | "migration_up"
  | "migration_down"
  | "query_run";

/**
 * Who did it: a user (`id` is theirs), an administrator by their token (`id` is theirs), whoever holds the
 * administrators' key, somebody at the command line, or nobody that is known.
 */
export interface AuditActor {
  readonly kind: "user" | "administrator" | "admin_key" | "command_line" | "nobody";
  readonly id: string | null;
}

/** What is written down: who did what to whom, from where, with which result; never a token, a hash or a password. */
export interface AuditEvent {
  readonly event: AuditEventKind;
  readonly result: "success" | "failure";
  readonly actor: AuditActor;
  /** Whom it was done to; null where there is no such user, or nobody in particular. */
  readonly userId: string | null;
  readonly sessionId: string | null;
  /** Where the request came from. */
  readonly address: string | null;
  readonly userAgent: string | null;
  /** What else is worth knowing: names, counts and reasons, in snake_case. */
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
}

/** Writes an event down, in the transaction of what it tells of. `schema` is the graft's. */
export async function recordEvent(client: Queryable, schema: string, event: AuditEvent): Promise<void> {
  await client.query(recordingSql(schema, 1), recordingValues(event));
}

/**
 * The INSERT of an event, for a statement that does something besides: its parameters begin at `first`. With `source`, a
 * query's name, there is an event for each row of it.
 */
export function recordingSql(schema: string, first: number, source?: string): string {
  const at = (place: number) => `$${first + place}`;
  return `INSERT INTO ${qualify(schema, "audit_log")}
       (event, result, actor, actor_id, user_id, session_id, address, user_agent, detail)
     SELECT ${at(0)}::text, ${at(1)}::text, ${at(2)}::text, ${at(3)}::text, ${at(4)}::text, ${at(5)}::uuid,
       ${at(6)}::text, ${at(7)}::text, ${at(8)}::jsonb${source === undefined ? "" : ` FROM ${source}`}`;
}

/** The parameters of that INSERT. */
export function recordingValues(event: AuditEvent): readonly unknown[] {
  return [
    ...[event.event, event.result, event.actor.kind, event.actor.id, event.userId, event.sessionId],
    ...[event.address, event.userAgent],
    event.detail === undefined ? null : JSON.stringify(event.detail),
  ];
}
