import type { Configuration } from "../config/schema.ts";
import { MigrationError } from "../errors.ts";
import type { Queryable } from "../postgres/client.ts";
import { displayName } from "../users-table/find-table.ts";
import { makePlan, type Plan } from "./plan.ts";
import { provenanceOf } from "./provenance.ts";
import { readFacts } from "./read-situation.ts";
import type { Situation } from "./situation.ts";

/** What a server needs to know of the graft it works on. */
export interface GraftState {
  readonly situation: Situation;
  /** Whether the column of password hashes was the application's before: then it may verify them itself. */
  readonly hadPasswordHashes: boolean;
}

/**
 * Asserts that the database is grafted whole. A schema never appears by itself: only `up` changes one.
 *
 * @throws MigrationError `not_grafted` naming what is missing and the command that makes it.
 */
export async function assertGrafted(client: Queryable, configuration: Configuration): Promise<GraftState> {
  const situation = await readFacts(client, configuration);
  const plan = makePlan(situation);
  if (plan.state !== "applied") throw notGrafted(situation, plan);
  const column = provenanceOf(situation, "column", situation.mapping.password_hash);
  return { situation, hadPasswordHashes: column?.origin === "application" };
}

function notGrafted({ users, server }: Situation, { steps, refusals }: Plan): MigrationError {
  const table = displayName(users.schema, users.name);
  const missing = steps.filter(({ state }) => state === "pending").map(({ id }) => id);
  const reasons = [
    ...(missing.length === 0 ? [] : [`Missing: ${missing.join(", ")}.`]),
    ...refusals.map(({ message }) => message),
  ];
  return new MigrationError(
    "not_grafted",
    [`The table ${table} in the database ${server.database} is not grafted.`, ...reasons].join(" "),
    {
      fix: `See what would be done with "authgraft plan", then do it with "authgraft up" (--table ${table}).`,
    },
  );
}
