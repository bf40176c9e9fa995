import type { Finding } from "../finding.ts";
import { obstacle } from "../obstacle.ts";
import type { RunContext } from "../run/run-context.ts";
import type { Situation } from "../situation.ts";
import type { Step } from "../step.ts";
import { STEPS } from "../steps.ts";
import { findDependents } from "./dependents.ts";
import { archiveContinues } from "./fence.ts";

/** What stands in the way of `up` only, as a name that is taken, is none of `down`'s. */
const CHANGED: ReadonlySet<string> = new Set([
  "graft_of_another_table",
  "graft_column_changed",
  "graft_index_changed",
  "graft_constraint_changed",
  "graft_table_changed",
]);

/** Everything that keeps `down` from beginning, before anything is counted. */
export async function standingRefusals(
  { client }: Pick<RunContext, "client">,
  situation: Situation,
  steps: readonly Step[],
  { archive }: { readonly archive?: boolean },
): Promise<Finding[]> {
  if (!situation.graft?.provenance?.length) return [noProvenance(situation)];
  const changed = STEPS.flatMap((step) => step.obstacles(situation)).filter(({ code }) => CHANGED.has(code));
  const dependents = await findDependents(client, situation);
  const archived = archive && situation.archive !== null && !archiveContinues(situation, steps);
  return [...changed, ...dependents, ...(archived ? [archiveThere(situation)] : [])];
}

function noProvenance(situation: Situation): Finding {
  const { schema } = situation.configuration;
  return obstacle(
    "provenance_missing",
    schema,
    `The schema ${schema} has no record of whose each object is (${schema}.provenance), so nothing can be proved to be the graft's.`,
    "Restore that table from a backup. Without it authgraft drops nothing: it cannot tell a grafted column from one of your own.",
  );
}

function archiveThere(situation: Situation): Finding {
  const schema = situation.archive?.schema ?? "";
  return obstacle(
    "archive_exists",
    schema,
    `An earlier archive stands in the schema ${schema} (of ${situation.archive?.archivedAt}), and a second one would overwrite it.`,
    `Bring it back first (authgraft up --restore), or keep it under another name: ALTER SCHEMA ${schema} RENAME TO …`,
  );
}
