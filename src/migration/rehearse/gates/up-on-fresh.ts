import { apply, went } from "./apply.ts";
import { count, type Outcome } from "./outcome.ts";
import { enter, type Room } from "./room.ts";

/** The plan on the schema alone, without rows. */
export async function upOnFreshGate(room: Room): Promise<Outcome<true>> {
  const url = await room.databases.create();
  try {
    const { onProgress, signal } = room;
    const load = await room.source.load(url, { part: "schema", onProgress, signal });
    room.databases.adoptRoles(load.rolesMade);
    await enter(room, url);
    const applied = await apply(room, url);
    if (!went(applied)) return applied;
    const detail = `${count(applied.steps, "step")} applied and verified on the schema without rows.`;
    return { passed: true, detail, evidence: { steps: applied.steps }, value: true };
  } finally {
    await room.databases.drop(url);
  }
}
