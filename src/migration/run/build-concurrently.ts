import type { Queryable } from "../../postgres/client.ts";
import { qualify } from "../../postgres/identifiers.ts";
import type { Section } from "../step.ts";
import type { LockTarget } from "./lock-target.ts";
import { pause, type RunContext, throwIfInterrupted } from "./run-context.ts";

/** How often to look whether somebody's build is over. */
const INTERVAL = 250;

/**
 * Runs a statement that PostgreSQL takes outside a transaction only: a concurrent build or drop of an
 * index. It wants the opposite of a lock section: no timeout, because it waits for every transaction
 * anywhere in the database that is older than it.
 *
 * A build that fails leaves an invalid index that costs every write and enforces uniqueness already: it
 * is dropped before the error goes on.
 *
 * @see https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY
 */
export async function buildConcurrently(
  context: RunContext,
  section: Section,
  target: LockTarget,
): Promise<void> {
  await waitForLivingBuild(context, target);
  for (const statement of section.statements) {
    throwIfInterrupted(context);
    try {
      await context.client.query(statement);
    } catch (error) {
      if (section.builds !== undefined) await dropInvalid(context.client, section.builds, target);
      throw error;
    }
  }
}

/** A client that was killed leaves a server process that goes on building; its work is waited for, not doubled. */
async function waitForLivingBuild(context: RunContext, target: LockTarget): Promise<void> {
  for (let told = false; ; told = true) {
    const { rows } = await context.client.query<{ pid: number; phase: string }>(
      "SELECT pid, phase FROM pg_stat_progress_create_index WHERE relid = $1::oid AND datname = current_database() AND pid <> pg_backend_pid()",
      [target.oid],
    );
    const [build] = rows;
    if (build === undefined) return;
    if (!told)
      context.progress(
        `waiting for an index build that is still going on (pid ${build.pid}, ${build.phase})`,
      );
    await pause(context, INTERVAL);
  }
}

async function dropInvalid(
  client: Queryable,
  { schema, index }: { schema: string; index: string },
  table: LockTarget,
): Promise<void> {
  const { rows } = await client.query(
    `SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace s ON s.oid = c.relnamespace
     WHERE s.nspname = $1 AND c.relname = $2 AND i.indrelid = $3::oid AND NOT i.indisvalid`,
    [schema, index, table.oid],
  );
  if (rows.length > 0) await client.query(`DROP INDEX CONCURRENTLY IF EXISTS ${qualify(schema, index)}`);
}
