import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "./cluster.ts";
import { withClient } from "./connection.ts";

/** What PostgreSQL counts for a page that vacuum reads from its cache and dirties. */
const COST_OF_PAGE = 1 + 20;

const DELAY = 20;

/**
 * Makes the table need a vacuum on every page, and sees that an autovacuum of it goes on, so slowly that it lasts
 * through the run.
 *
 * @see https://www.postgresql.org/docs/current/runtime-config-resource.html#RUNTIME-CONFIG-RESOURCE-VACUUM-COST
 */
export async function startAutovacuum(cluster: Cluster, seconds: number, signal: AbortSignal): Promise<void> {
  await withClient(cluster.superuserUrl, "bench", async (client) => {
    await client.query("ALTER TABLE public.users SET (autovacuum_enabled = off)");
    // One row of every page.
    await client.query(`UPDATE public.users SET created_at = created_at WHERE ctid IN
      (SELECT max(ctid) FROM public.users GROUP BY (ctid::text::point)[0])`);
    const { rows } = await client.query<{ pages: string }>(
      "SELECT pg_relation_size('public.users') / 8192 AS pages",
    );
    const cost = Number(rows[0]?.pages ?? 0) * COST_OF_PAGE;
    const limit = Math.max(1, Math.min(10_000, Math.round((cost * DELAY) / (seconds * 1_500))));
    await client.query(`ALTER TABLE public.users SET (autovacuum_enabled = on, autovacuum_vacuum_threshold = 1,
      autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = ${DELAY}, autovacuum_vacuum_cost_limit = ${limit})`);
    while (!(await isRunning(client))) await sleep(100, undefined, { signal });
  });
}

async function isRunning(client: {
  query(sql: string): Promise<{ rowCount: number | null }>;
}): Promise<boolean> {
  const { rowCount } =
    await client.query(`SELECT FROM pg_stat_progress_vacuum v JOIN pg_stat_activity a USING (pid)
    WHERE v.relid = 'public.users'::regclass AND a.backend_type = 'autovacuum worker'`);
  return (rowCount ?? 0) > 0;
}

/** Lets the table be again, and vacuums it. */
export async function endAutovacuum(cluster: Cluster): Promise<void> {
  await withClient(cluster.superuserUrl, "bench", async (client) => {
    await client.query(`ALTER TABLE public.users RESET (autovacuum_enabled, autovacuum_vacuum_threshold,
      autovacuum_vacuum_scale_factor, autovacuum_vacuum_cost_delay, autovacuum_vacuum_cost_limit)`);
    await client.query("VACUUM public.users");
  });
}
