import type pg from "pg";
import { expect, test } from "vitest";
import { purgeAudit } from "../../src/accounts/purge/purge-audit.ts";
import { purge } from "../../src/accounts/purge.ts";
import type { Pool } from "../../src/postgres/client.ts";
import { graftedUsers, purgeParts } from "./purge-parts.ts";

/** As EXPLAIN writes a plan. */
interface PlanNode {
  readonly "Node Type": string;
  readonly "Index Name"?: string;
  readonly Plans?: readonly PlanNode[];
}

function scansOf(node: PlanNode): string[] {
  const { "Node Type": type, "Index Name": index, Plans = [] } = node;
  const own = /Scan|Sort/.test(type) ? [index === undefined ? type : `${type} ${index}`] : [];
  return [...own, ...Plans.flatMap(scansOf)];
}

/** The plan of a statement where it would be run: in its transaction, with its settings, for any or for these values. */
async function explain(client: pg.PoolClient, text: string, values: readonly unknown[]): Promise<string[]> {
  const scans: string[] = [];
  for (const mode of ["force_custom_plan", "force_generic_plan"]) {
    await client.query(`SET LOCAL plan_cache_mode TO ${mode}; PREPARE explained(float8) AS ${text}`);
    const { rows } = await client.query(`EXPLAIN (FORMAT JSON) EXECUTE explained('${values[0]}')`);
    await client.query("DEALLOCATE explained");
    scans.push(...scansOf(rows[0]["QUERY PLAN"][0].Plan));
  }
  return scans;
}

/** The same pool, except that each statement with parameters is explained before it is run. */
function explaining(pool: pg.Pool, onPlan: (scans: readonly string[]) => void): Pool {
  return {
    query: (text, values = []) => pool.query(text, [...values]) as never,
    async connect() {
      const client = await pool.connect();
      return {
        async query(text, values) {
          if (values !== undefined) onPlan(await explain(client, text, values));
          return client.query(text, values === undefined ? undefined : [...values]) as never;
        },
        release: (destroy) => client.release(destroy),
      };
    },
  };
}

test("every batch of a large table reads it by an index in its order, and only the rows that it deletes", async () => {
  const database = await graftedUsers();
  // A tenth of each table is due.
  await database.query(
    `INSERT INTO revoked_tokens (jti, expires_at)
     SELECT n, now() - interval '1 hour' * (n % 10 - 8.5) FROM generate_series(1, 20000) n;
     DELETE FROM authgraft.revocations;
     INSERT INTO authgraft.revocations (key, expires_at)
     SELECT convert_to(jti, 'UTF8'), expires_at FROM revoked_tokens;
     INSERT INTO authgraft.sessions (user_id, expires_at, ended_at, token_expires_at)
     SELECT 1, now() - interval '3 days' * (n % 10 - 8.5), CASE WHEN n % 10 = 1 THEN now() - interval '3 days' END,
            now() - interval '3 days' * (CASE WHEN n % 10 = 1 THEN 1 ELSE n % 10 - 8.5 END)
       FROM generate_series(1, 20000) n;
     INSERT INTO authgraft.one_time_tokens (purpose, token_hash, expires_at)
     SELECT 'register', convert_to(jti, 'UTF8'), expires_at FROM revoked_tokens;
     INSERT INTO authgraft.mail_queue (sealed, expires_at) SELECT jti, expires_at FROM revoked_tokens;
     INSERT INTO authgraft.rate_limits (key, expire)
     SELECT jti, extract(epoch FROM expires_at - interval '1 hour') * 1000 FROM revoked_tokens;
     INSERT INTO authgraft.audit_log (event, occurred_at) SELECT 'login', expires_at - interval '1 day' FROM revoked_tokens;
     ANALYZE revoked_tokens, authgraft.revocations, authgraft.sessions, authgraft.one_time_tokens, authgraft.mail_queue,
       authgraft.rate_limits, authgraft.audit_log`,
  );
  const seen = new Set<string>();
  const pool = explaining(database.pool(), (scans) => {
    for (const scan of scans) seen.add(scan);
  });
  const parts = await purgeParts(database, pool);
  const { signal } = new AbortController();
  expect(await purge(parts, signal)).toEqual({
    ...{ revoked_tokens: 2_000, revocations: 2_000, sessions: 4_000 },
    ...{ one_time_tokens: 2_000, mail_queue: 2_000, rate_limits: 2_000 },
  });
  let events = 0;
  await purgeAudit(parts, 1, signal, (rows) => {
    events += rows;
  });
  expect(events).toBe(2_000);
  const indexes = [
    "revoked_tokens_expires_at",
    "revocations_expires_at",
    "sessions_expires_at",
    "sessions_ended_at",
    "one_time_tokens_expires_at",
    "mail_queue_expires_at",
    "rate_limits_expire",
    "audit_log_occurred_at_id",
  ];
  const expected = ["CTE Scan", "Tid Scan", ...indexes.map((name) => `Index Scan ${name}_idx`)];
  expect([...seen].toSorted()).toEqual(expected.toSorted());
});
