import type { Configuration } from "../../../config/schema.ts";
import { readFacts } from "../../read-situation.ts";
import { withReader } from "../../run/open-run.ts";
import type { Situation } from "../../situation.ts";
import type { RehearsalSource } from "../rehearsal.ts";
import { giveDatabaseTo } from "./actor.ts";
import type { ScratchDatabases } from "./scratch-databases.ts";

/** What every gate works with. */
export interface Room {
  readonly source: RehearsalSource;
  readonly databases: ScratchDatabases;
  readonly configuration: Configuration;
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal | undefined;
}

/** The source as it was restored: nobody is connected to it, and nothing changes in it any more. */
export interface Restored {
  readonly url: string;
  readonly situation: Situation;
}

/** What stands in a database of the rehearsal, without the findings, some of which scan the table. */
export async function factsOf(room: Room, url: string): Promise<Situation> {
  return withReader(runOptions(room, url), readFacts);
}

/** Lets whoever works on it into a database that was filled just now, and tells what stands there. */
export async function enter(room: Room, url: string): Promise<Situation> {
  await room.databases.admit(url);
  const situation = await factsOf(room, url);
  await room.databases.looking(url, (admin) => giveDatabaseTo(admin, situation.users.owner));
  return situation;
}

/** What `up` and `down` take for a database of the rehearsal. */
export function runOptions({ databases, configuration, onProgress, signal }: Room, url: string) {
  const databaseUrl = databases.actingUrl(url);
  return { databaseUrl, configuration, onProgress, ...(signal === undefined ? {} : { signal }) };
}
