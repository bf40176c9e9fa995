import type { Configuration } from "../config/schema.ts";
import type { Queryable } from "../postgres/client.ts";
import { displayName } from "../users-table/find-table.ts";
import { type JournalRun, readJournal } from "./journal.ts";
import { makePlan, type Plan } from "./plan.ts";
import { readFacts, readSituation } from "./read-situation.ts";
import { type MigrationOptions, withReader } from "./run/open-run.ts";
import type { Situation } from "./situation.ts";

/** The plan with the situation it was made from. */
export interface Inspection {
  readonly situation: Situation;
  readonly plan: Plan;
}

/** Reads what stands and makes the plan; nothing is changed. */
export async function inspect(options: MigrationOptions): Promise<Inspection> {
  return withReader(options, async (client, configuration) => {
    const situation = await readSituation(client, configuration);
    return { situation, plan: makePlan(situation) };
  });
}

/** Where a database stands. */
export interface Status {
  readonly state: Plan["state"];
  readonly table: string;
  readonly steps: readonly {
    readonly id: string;
    readonly title: string;
    readonly state: "pending" | "done";
  }[];
  /** Every run, newest first. */
  readonly history: readonly JournalRun[];
  /** The schema of an archive that waits to be brought back. */
  readonly archive: string | null;
}

/** Where the database stands, by the catalog; the journal tells how it came there. */
export async function status(options: MigrationOptions): Promise<Status> {
  return withReader(options, async (client, configuration) => {
    const facts = await readFacts(client, configuration);
    const applied = makePlan(facts).state === "applied";
    // Only where something is left to do does it matter what stands in the way, and some of that takes a scan.
    const situation = applied ? facts : await readSituation(client, configuration);
    const plan = makePlan(situation);
    return {
      state: plan.state,
      table: displayName(situation.users.schema, situation.users.name),
      steps: plan.steps.map(({ id, title, state }) => ({ id, title, state })),
      history: await history(client, configuration, situation),
      archive: situation.archive?.schema ?? null,
    };
  });
}

async function history(
  client: Queryable,
  { schema }: Configuration,
  { graft }: Situation,
): Promise<JournalRun[]> {
  return graft?.provenance ? readJournal(client, schema) : [];
}
