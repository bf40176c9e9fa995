import { type AuditActor, type AuditEvent, recordEvent } from "../audit/record.ts";
import type { Queryable } from "../postgres/client.ts";
import { type Caller, describeCaller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";

/** An event without what the caller tells. */
export type Happening = Pick<AuditEvent, "event" | "userId"> &
  Partial<Pick<AuditEvent, "result" | "actor" | "sessionId" | "detail">>;

/** Somebody about whom nothing is known but where they are. */
export const NOBODY: AuditActor = { kind: "nobody", id: null };

/**
 * Writes down what happened, in the transaction of what it tells of: a success, done by the user it was done to,
 * unless said otherwise.
 */
export async function audit(
  client: Queryable,
  { configuration }: Pick<AccountsContext, "configuration">,
  happening: Happening,
  caller: Caller,
): Promise<void> {
  await recordEvent(client, configuration.schema, eventOf(happening, caller));
}

/** What happened with what the caller tells, for a statement that writes it down besides what it does. */
export function eventOf(happening: Happening, caller: Caller): AuditEvent {
  const { userAgent, address } = describeCaller(caller);
  return {
    ...{ result: "success", actor: { kind: "user", id: happening.userId }, sessionId: null },
    ...happening,
    ...{ address, userAgent },
  };
}
