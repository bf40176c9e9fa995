import { planHash, stepHashes } from "../fingerprint.ts";
import { apply, went } from "./apply.ts";
import { type LogicalSchema, readLogicalSchema } from "./logical-schema.ts";
import { count, type Outcome } from "./outcome.ts";
import type { Restored, Room } from "./room.ts";
import { digestOf, type RowDigest } from "./row-digest.ts";

/** The copy that is grafted, and what it was before and after. */
export interface Grafted {
  readonly url: string;
  readonly restored: Restored;
  readonly before: { readonly schema: LogicalSchema; readonly rows: RowDigest };
  readonly after: { readonly schema: LogicalSchema };
}

/** The plan on all the data. */
export async function upOnCopyGate(room: Room, restored: Restored): Promise<Outcome<Grafted>> {
  const { databases } = room;
  const url = await databases.copyOf(restored.url);
  const before = {
    schema: await databases.looking(url, readLogicalSchema),
    rows: await databases.reading(url, (client) => digestOf(client, restored.situation.users)),
  };
  const applied = await apply(room, url);
  if (!went(applied)) return applied;
  const schema = await databases.looking(url, readLogicalSchema);
  const { steps, seconds, warnings } = applied;
  const evidence = {
    planHash: planHash(restored.situation),
    steps: stepHashes(restored.situation),
    upSeconds: seconds,
    warnings: warnings.map(({ code, message }) => ({ code, message })),
  };
  const words = `${count(steps, "step")} applied to ${count(before.rows.rows, "row")} in ${seconds.toFixed(1)} s, and verified.`;
  const warned = warnings.length === 0 ? "" : ` ${count(warnings.length, "warning")} of the plan to read.`;
  return {
    passed: true,
    detail: words + warned,
    evidence,
    value: { url, restored, before, after: { schema } },
  };
}
