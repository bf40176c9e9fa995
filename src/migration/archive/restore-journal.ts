import { qualify } from "../../postgres/identifiers.ts";
import type { RunContext } from "../run/run-context.ts";
import type { Archive, Situation } from "../situation.ts";
import { MIGRATION_RUNS, MIGRATION_STEPS } from "../tables.ts";

/**
 * Puts the archived journal before the new one: its ids are shifted below the lowest there is, so that
 * the history stays in order. One statement, and the archive's copy is emptied by it.
 */
export async function restoreJournal(
  context: RunContext,
  situation: Situation,
  archive: Archive,
): Promise<void> {
  if (!archive.tables.includes(MIGRATION_RUNS.name) || !archive.tables.includes(MIGRATION_STEPS.name)) return;
  const { schema } = situation.configuration;
  const [runs, steps] = [qualify(schema, MIGRATION_RUNS.name), qualify(schema, MIGRATION_STEPS.name)];
  const [oldRuns, oldSteps] = [
    qualify(archive.schema, MIGRATION_RUNS.name),
    qualify(archive.schema, MIGRATION_STEPS.name),
  ];
  await context.client.query(`
    WITH shift AS (
      SELECT (SELECT coalesce(max(id), 0) FROM ${oldRuns}) + 1 - least(1, (SELECT coalesce(min(id), 1) FROM ${runs})) AS run,
        (SELECT coalesce(max(id), 0) FROM ${oldSteps}) + 1 - least(1, (SELECT coalesce(min(id), 1) FROM ${steps})) AS step
    ), moved_runs AS (DELETE FROM ${oldRuns} RETURNING *), moved_steps AS (DELETE FROM ${oldSteps} RETURNING *),
    new_runs AS (
      INSERT INTO ${runs} (id, direction, state, version, run_by, started_at, finished_at, detail) OVERRIDING SYSTEM VALUE
      SELECT id - shift.run, direction, state, version, run_by, started_at, finished_at, detail FROM moved_runs, shift
    )
    INSERT INTO ${steps} (id, run_id, step, direction, state, started_at, finished_at) OVERRIDING SYSTEM VALUE
    SELECT id - shift.step, run_id - shift.run, step, direction, state, started_at, finished_at FROM moved_steps, shift`);
}
