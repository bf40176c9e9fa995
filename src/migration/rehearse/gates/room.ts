import type { Configuration } from "../../../config/schema.ts";
import { readFacts } from "../../read-situation.ts";
import { withReader } from "../../run/open-run.ts";
import type { Situation } from "../../situation.ts";
import type { RehearsalSource } from "../rehearsal.ts";
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
export async function factsOf({ configuration }: Room, databaseUrl: string): Promise<Situation> {
  return withReader({ databaseUrl, configuration }, readFacts);
}

/** What `up` and `down` take for a database of the rehearsal. */
export function runOptions({ configuration, onProgress, signal }: Room, databaseUrl: string) {
  return { databaseUrl, configuration, onProgress, ...(signal === undefined ? {} : { signal }) };
}
