import { qualify } from "../postgres/identifiers.ts";
import type { Situation } from "./situation.ts";
import type { Section } from "./step.ts";

/** Takes an index of the users table out while reads and writes go on; runs outside a transaction. */
export function dropIndex(situation: Situation, name: string): Section {
  return {
    transactional: false,
    lock: "SHARE UPDATE EXCLUSIVE",
    statements: [`DROP INDEX CONCURRENTLY IF EXISTS ${qualify(situation.users.schema, name)}`],
  };
}
