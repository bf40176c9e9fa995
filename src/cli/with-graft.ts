import { guardPool } from "../accounts/guarded-pool.ts";
import { describeUsersTable, type UsersTable } from "../accounts/users-table.ts";
import { assertGrafted } from "../migration/assert-grafted.ts";
import { explainError } from "../migration/run/explain-error.ts";
import type { Pool } from "../postgres/client.ts";
import { connect, createPool } from "../postgres/connect.ts";
import { withTransaction } from "../postgres/transaction.ts";
import type { CommandContext } from "./command.ts";

/** A grafted database, as the use cases of a server see it. */
export interface Graft {
  readonly pool: Pool;
  readonly table: UsersTable;
}

/**
 * Lends a grafted database to a command that works on it as a server would, also behind a pooler.
 *
 * @throws MigrationError `not_grafted`; DatabaseError.
 */
export async function withGraft<Result>(
  { databaseUrl, configuration }: CommandContext,
  name: string,
  work: (graft: Graft) => Promise<Result>,
): Promise<Result> {
  const application = { applicationName: `authgraft (${name})`, size: 1 };
  // A pool says only that it cannot connect; a connection says why.
  await (await connect(databaseUrl, application)).end();
  const pool = createPool(databaseUrl, application);
  const guarded = guardPool(pool);
  try {
    const { situation } = await withTransaction(guarded, async (client) => {
      await client.query("SET LOCAL search_path TO pg_catalog, pg_temp; SET LOCAL jit TO off");
      return assertGrafted(client, configuration);
    });
    const table = describeUsersTable(situation.users, situation.mapping, configuration.schema);
    return await work({ pool: guarded, table });
  } catch (error) {
    throw explainError(error);
  } finally {
    await pool.end();
  }
}
