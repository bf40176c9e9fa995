import { apply, went } from "./apply.ts";
import { compareSchemas, readLogicalSchema, sizeOf } from "./logical-schema.ts";
import { count, failed, type Outcome, shorten } from "./outcome.ts";
import type { Room } from "./room.ts";
import type { Grafted } from "./up-on-copy.ts";

/** A second `up` on the same table comes to the same schema, graft and all. */
export async function upAgainGate(room: Room, { url, after }: Grafted): Promise<Outcome<true>> {
  const applied = await apply(room, url);
  if (!went(applied)) return applied;
  const schema = await room.databases.looking(url, readLogicalSchema);
  const differences = compareSchemas(after.schema, schema);
  if (differences.length > 0)
    return failed(`The second time came to something else: ${shorten(differences)}.`, { differences });
  const detail = `${count(sizeOf(schema), "object")} of the schema, each as after the first time; ${applied.seconds.toFixed(1)} s.`;
  return {
    passed: true,
    detail,
    evidence: { objects: sizeOf(schema), upSeconds: applied.seconds },
    value: true,
  };
}
