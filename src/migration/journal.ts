import { MigrationError } from "../errors.ts";
import type { Queryable } from "../postgres/client.ts";
import { qualify } from "../postgres/identifiers.ts";
import { MIGRATION_RUNS, MIGRATION_STEPS } from "./journal-tables.ts";
import type { RunContext } from "./run/run-context.ts";
import { VERSION } from "./version.ts";

/** One step of a run, as the journal has it. */
export interface JournalStep {
  readonly step: string;
  readonly direction: "up" | "down";
  readonly state: "running" | "done" | "failed";
  readonly started_at: string;
  readonly finished_at: string | null;
}

/** One run, as the journal has it. */
export interface JournalRun {
  readonly id: string;
  readonly direction: "up" | "down";
  /** `interrupted`: it was found unfinished by a later run. */
  readonly state: "running" | "done" | "failed" | "interrupted";
  readonly version: string;
  readonly run_by: string;
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly detail: string | null;
  readonly steps: readonly JournalStep[];
}

/** Opens a run; runs that were left open are over, since only one can go on at a time. */
export async function openRun(client: Queryable, schema: string, direction: "up" | "down"): Promise<string> {
  const runs = qualify(schema, MIGRATION_RUNS.name);
  await client.query(`UPDATE ${runs} SET state = 'interrupted', finished_at = now() WHERE state = 'running'`);
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO ${runs} (direction, state, version) VALUES ($1, 'running', $2) RETURNING id::text AS id`,
    [direction, VERSION],
  );
  return rows[0]?.id ?? "";
}

/** Closes a run. */
export async function closeRun(
  client: Queryable,
  schema: string,
  run: string,
  outcome: { readonly state: "done" | "failed"; readonly detail: string | null },
): Promise<void> {
  await client.query(
    `UPDATE ${qualify(schema, MIGRATION_RUNS.name)} SET state = $2, finished_at = now(), detail = $3 WHERE id = $1`,
    [run, outcome.state, outcome.detail],
  );
}

/** Closes a run that failed, where its journal can still be written: the failure itself must not be hidden. */
export async function recordFailure(
  { client, configuration }: Pick<RunContext, "client" | "configuration">,
  run: string,
  error: unknown,
): Promise<void> {
  const detail = error instanceof MigrationError ? error.code : "internal";
  await closeRun(client, configuration.schema, run, { state: "failed", detail }).catch(() => undefined);
}

/** Writes down that a step begins. */
export async function openStep(
  client: Queryable,
  schema: string,
  entry: { readonly run: string; readonly step: string; readonly direction: "up" | "down" },
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    `INSERT INTO ${qualify(schema, MIGRATION_STEPS.name)} (run_id, step, direction, state)
     VALUES ($1, $2, $3, 'running') RETURNING id::text AS id`,
    [entry.run, entry.step, entry.direction],
  );
  return rows[0]?.id ?? "";
}

/** Writes down how a step ended. */
export async function closeStep(
  client: Queryable,
  schema: string,
  id: string,
  state: "done" | "failed",
): Promise<void> {
  await client.query(
    `UPDATE ${qualify(schema, MIGRATION_STEPS.name)} SET state = $2, finished_at = now() WHERE id = $1`,
    [id, state],
  );
}

/** Every run, newest first, each with its steps in order. */
export async function readJournal(client: Queryable, schema: string): Promise<JournalRun[]> {
  const { rows } = await client.query<JournalRun>(
    `SELECT r.id::text AS id, r.direction, r.state, r.version, r.run_by, r.started_at::text AS started_at,
       r.finished_at::text AS finished_at, r.detail,
       coalesce((SELECT jsonb_agg(jsonb_build_object('step', s.step, 'direction', s.direction, 'state', s.state,
         'started_at', s.started_at::text, 'finished_at', s.finished_at::text) ORDER BY s.id)
         FROM ${qualify(schema, MIGRATION_STEPS.name)} s WHERE s.run_id = r.id), '[]') AS steps
     FROM ${qualify(schema, MIGRATION_RUNS.name)} r ORDER BY r.id DESC LIMIT 100`,
  );
  return rows;
}
