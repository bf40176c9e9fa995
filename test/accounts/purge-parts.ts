import type { PurgeCounts, PurgeParts } from "../../src/accounts/purge.ts";
import { describeUsersTable } from "../../src/accounts/users-table.ts";
import { parseConfiguration } from "../../src/config/parse.ts";
import { inspect } from "../../src/migration/status.ts";
import type { Pool } from "../../src/postgres/client.ts";
import { graft } from "../support/graft.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

const MAKE_USERS =
  "INSERT INTO users (id, username) SELECT n, 'ada' || n FROM generate_series(1, 20) n ON CONFLICT DO NOTHING";

/** A grafted database with twenty users; `sql` is run before it is grafted. */
export async function graftedUsers(sql = ""): Promise<TestDatabase> {
  const table = `CREATE TABLE users (id serial PRIMARY KEY, username varchar(30) UNIQUE); ${MAKE_USERS}`;
  if (sql === "") return createTestDatabase({ sql: table, grafted: {} });
  const database = await createTestDatabase({ sql: table });
  await database.query(sql);
  await graft(database);
  return database;
}

/** What a purge comes to that finds nothing. */
export const NOTHING: PurgeCounts = {
  ...{ revoked_tokens: 0, revocations: 0, sessions: 0 },
  ...{ one_time_tokens: 0, mail_queue: 0, rate_limits: 0 },
};

/** As it was at first, for a test that others came before. */
export async function emptied(database: TestDatabase): Promise<void> {
  await database.query(
    `DELETE FROM revoked_tokens; DELETE FROM authgraft.sessions; DELETE FROM authgraft.revocations;
     TRUNCATE authgraft.one_time_tokens, authgraft.mail_queue, authgraft.rate_limits, authgraft.audit_log; ${MAKE_USERS}`,
  );
}

/** What a server on this database purges with. */
export async function purgeParts(database: TestDatabase, pool: Pool = database.pool()): Promise<PurgeParts> {
  const configuration = parseConfiguration({});
  const { situation } = await inspect({ databaseUrl: database.url, configuration });
  const { schema } = configuration;
  return { pool, table: describeUsersTable(situation.users, situation.mapping, schema), schema };
}

/** Revokes tokens that expired this long ago, one for each number below `count`. */
export async function revokedTokens(database: TestDatabase, count: number, ago: string): Promise<void> {
  await database.query(
    `INSERT INTO revoked_tokens (jti, expires_at)
     SELECT $2 || n, now() - $2::interval + n * interval '1 microsecond' FROM generate_series(1, $1) n`,
    [count, ago],
  );
}

/** Writes events down that happened this long ago, one for each number below `count`. */
export async function pastEvents(database: TestDatabase, count: number, ago: string): Promise<void> {
  await database.query(
    `INSERT INTO authgraft.audit_log (event, detail, occurred_at)
     SELECT 'login', to_jsonb($2::text), now() - $2::interval + n * interval '1 microsecond' FROM generate_series(1, $1) n`,
    [count, ago],
  );
}

/** How many rows a table has. */
export async function countRows(database: TestDatabase, table: string): Promise<number> {
  const { rows } = await database.query<{ count: number }>(`SELECT count(*)::int4 AS count FROM ${table}`);
  return rows[0]?.count ?? -1;
}
