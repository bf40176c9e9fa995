import type { Configuration } from "../../../config/schema.ts";
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

/** What `up` and `down` take for a database of the rehearsal. */
export function runOptions({ configuration, onProgress, signal }: Room, databaseUrl: string) {
  return { databaseUrl, configuration, onProgress, ...(signal === undefined ? {} : { signal }) };
}
