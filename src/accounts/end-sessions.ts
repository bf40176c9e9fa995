import { notificationChannel } from "../postgres/channel.ts";
import type { Queryable } from "../postgres/client.ts";
import type { AccountsContext } from "./context.ts";
import { hasId } from "./users-table.ts";

type Parts = Pick<AccountsContext, "table" | "configuration">;

/**
 * Ends every token of a user by a new token generation, and returns it. The user's row is to be locked before, for
 * whoever deletes it comes to accounts and sessions through it. There must be such a user.
 */
export async function raiseGeneration(client: Queryable, { table }: Parts, userId: string): Promise<number> {
  const { rows } = await client.query<{ generation: string }>(
    `INSERT INTO ${table.accounts} AS a (user_id, token_generation)
     SELECT u.${table.id}, 1 FROM ${table.name} u WHERE ${hasId(table, 1)}
     ON CONFLICT (user_id) DO UPDATE SET token_generation = a.token_generation + 1
     RETURNING a.token_generation::text AS generation`,
    [userId],
  );
  return Number(rows[0]?.generation);
}

/**
 * Ends the sessions of a user, all but the one that is kept. Rows are locked in one order, for the same user may
 * ask twice at once.
 */
export async function endSessions(
  client: Queryable,
  { table, configuration: { schema } }: Parts,
  userId: string,
  kept: string | null = null,
): Promise<void> {
  await client.query(
    `WITH open AS (
       SELECT s.id FROM ${table.sessions} s JOIN ${table.name} u ON u.${table.id} = s.user_id
        WHERE ${hasId(table, 1)} AND s.ended_at IS NULL AND s.id IS DISTINCT FROM $2::uuid
        ORDER BY s.id FOR UPDATE OF s),
     ended AS (UPDATE ${table.sessions} s SET ended_at = now() FROM open WHERE s.id = open.id)
     SELECT pg_notify($3::text, '')`,
    [userId, kept, notificationChannel(schema)],
  );
}
