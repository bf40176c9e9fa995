import { eventually } from "./eventually.ts";
import type { TestDatabase } from "./postgres.ts";

/** An event as the audit log has it. */
export interface TestEvent {
  readonly event: string;
  readonly result: string;
  readonly actor: string;
  readonly actor_id: string | null;
  readonly user_id: string | null;
  readonly detail: Readonly<Record<string, unknown>> | null;
}

/** The events of a kind, the first one first. */
export async function eventsOf(database: TestDatabase, event: string): Promise<readonly TestEvent[]> {
  const { rows } = await database.query<TestEvent>(
    "SELECT event, result, actor, actor_id, user_id, detail FROM authgraft.audit_log WHERE event = $1 ORDER BY occurred_at",
    [event],
  );
  return rows;
}

/** Waits until there are so many events of a kind. */
export async function untilEvents(database: TestDatabase, event: string, count: number): Promise<void> {
  await eventually(async () => (await eventsOf(database, event)).length).toBe(count);
}
