import { qualify } from "../../postgres/identifiers.ts";
import { MIGRATION_RUNS, MIGRATION_STEPS } from "../journal-tables.ts";
import type { RunContext } from "../run/run-context.ts";
import type { Archive, Situation } from "../situation.ts";

/**
 * Puts the archived journal before the new one, and the `down` that archived it in between: the ids go below the
 * lowest there is, so that the history stays in order. One statement, and the archive's copy is emptied by it.
 */
export async function restoreJournal(
  { client }: Pick<RunContext, "client">,
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
  // A down that was cut short before it dropped the journal leaves a copy of what still stands.
  for (const [old, standing] of [
    [oldSteps, steps],
    [oldRuns, runs],
  ]) {
    await client.query(
      `DELETE FROM ${old} o USING ${standing} s WHERE s.id = o.id AND s.started_at = o.started_at`,
    );
  }
  await client.query(`
    WITH places AS (
      SELECT (SELECT coalesce(min(id), 1) FROM ${runs}) AS first_run,
        (SELECT coalesce(min(id), 1) FROM ${runs}) - 2 - (SELECT coalesce(max(id), 0) FROM ${oldRuns}) AS run_shift,
        (SELECT coalesce(min(id), 1) FROM ${steps}) - 1 - (SELECT coalesce(max(id), 0) FROM ${oldSteps}) AS step_shift
    ), moved_runs AS (DELETE FROM ${oldRuns} RETURNING *), moved_steps AS (DELETE FROM ${oldSteps} RETURNING *),
    restored_runs AS (
      INSERT INTO ${runs} (id, direction, state, version, run_by, started_at, finished_at, detail) OVERRIDING SYSTEM VALUE
      SELECT m.id + p.run_shift, m.direction, m.state, m.version, m.run_by, m.started_at, m.finished_at, m.detail
      FROM moved_runs m, places p
      UNION ALL
      SELECT p.first_run - 1, 'down', 'done', a.version, a.archived_by, a.archived_at, a.archived_at, 'archived'
      FROM ${qualify(archive.schema, "archive")} a, places p WHERE EXISTS (SELECT FROM moved_runs)
    )
    INSERT INTO ${steps} (id, run_id, step, direction, state, started_at, finished_at) OVERRIDING SYSTEM VALUE
    SELECT m.id + p.step_shift, m.run_id + p.run_shift, m.step, m.direction, m.state, m.started_at, m.finished_at
    FROM moved_steps m, places p`);
}
