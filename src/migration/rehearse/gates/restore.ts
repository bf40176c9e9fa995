import { displayName } from "../../../users-table/find-table.ts";
import { primaryKey } from "../../../users-table/relation.ts";
import { down } from "../../down.ts";
import type { Situation } from "../../situation.ts";
import type { LoadReport } from "../rehearsal.ts";
import { decidingOf } from "./left-out.ts";
import { count, failed, inWords, type Outcome, shorten } from "./outcome.ts";
import { enter, factsOf, type Restored, type Room, runOptions } from "./room.ts";

/** The source with all its rows in a database of ours, and whether the graft can be rehearsed on it. */
export async function restoreGate(
  room: Room,
  onLoaded: (report: LoadReport) => void,
): Promise<Outcome<Restored>> {
  const { databases, configuration, source, signal, onProgress } = room;
  if (configuration.serverRole !== undefined) await databases.ensureRole(configuration.serverRole);
  const url = await databases.create();
  const load = await source.load(url, { part: "all", onProgress, signal });
  databases.adoptRoles(load.rolesMade);
  onLoaded(load);
  const table = await look(room, url, load);
  if ("passed" in table) return table;
  const grafted = await takeOutStanding(room, url, table);
  if (grafted !== null) return grafted;
  const situation = table.graft === null ? table : await factsOf(room, url);
  await databases.acting(url, (client) => client.query(`ANALYZE ${nameOf(situation)}`));
  return judge(load, url, situation);
}

/** A table that is not there, or not whole, is told with what was left out: that is most often why. */
async function look(room: Room, url: string, load: LoadReport): Promise<Situation | Outcome<never>> {
  try {
    return await enter(room, url);
  } catch (error) {
    if (load.leftOut.length === 0) throw error;
    const words = error instanceof Error ? error.message : String(error);
    return failed(`${words} ${leftOutInWords(load)}`, evidenceOf(load));
  }
}

function judge(load: LoadReport, url: string, situation: Situation): Outcome<Restored> {
  const table = nameOf(situation);
  const deciding = decidingOf(situation, load.leftOut);
  const evidence = { ...evidenceOf(load), deciding };
  if (primaryKey(situation.users).length === 0)
    return failed(`${table} came without a primary key. ${leftOutInWords(load)}`, evidence);
  if (deciding.length > 0)
    return failed(
      `The graft depends on what could not be restored: ${leftOutInWords({ leftOut: deciding })}`,
      evidence,
    );
  const loaded = `${count(load.tables, "table")} with ${count(load.rows, "row")} restored, ${table} among them.`;
  return {
    passed: true,
    detail: `${loaded} ${leftOutInWords(load)}`.trim(),
    evidence,
    value: { url, situation },
  };
}

function leftOutInWords({ leftOut }: Pick<LoadReport, "leftOut">): string {
  if (leftOut.length === 0) return "";
  return `Left out: ${shorten(leftOut.map(({ kind, name, reason }) => `${kind} ${name} (${reason})`))}.`;
}

function evidenceOf({ tables, rows, leftOut, rolesMade }: LoadReport) {
  return { tables, rows, leftOut, rolesMade };
}

function nameOf({ users }: Situation): string {
  return displayName(users.schema, users.name);
}

/** A source that is grafted already, or half, is rehearsed from before; what it would lose cannot be rehearsed. */
async function takeOutStanding(
  room: Room,
  url: string,
  { graft }: Situation,
): Promise<Outcome<never> | null> {
  if (!graft?.provenance?.length) return null;
  room.onProgress("the source is grafted already: taking the graft out of the copy first");
  const { state, refusals } = await down(runOptions(room, url));
  if (state !== "refused") return null;
  return failed(
    `The source is grafted already, and a rehearsal begins before the graft. ${inWords(refusals)} Rehearse on a copy from before, or on one without that data.`,
  );
}
