import type { ScratchServer } from "../../migration/rehearse/rehearsal.ts";

/** A server to rehearse on, and what a person should know about it. */
export interface Scratch {
  readonly server: ScratchServer;
  readonly notes: readonly string[];
}
