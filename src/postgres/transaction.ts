import type { Pool, Queryable } from "./client.ts";

/**
 * Runs `work` in a transaction on a connection lent by the pool: commits what it did, or rolls all of it
 * back when it throws. When the rollback fails too, both errors are kept and the connection is closed.
 */
export async function withTransaction<Result>(
  pool: Pool,
  work: (client: Queryable) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    // Whatever a role's own default is: at a higher level a statement that waited for a row fails instead of seeing it.
    await client.query("BEGIN ISOLATION LEVEL READ COMMITTED");
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    try {
      await client.query("ROLLBACK");
    } catch (rollbackError) {
      broken = new AggregateError([error, rollbackError], "the transaction failed, and so did its rollback");
      throw broken;
    }
    throw error;
  } finally {
    client.release(broken);
  }
}
