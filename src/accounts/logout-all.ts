import { notificationChannel } from "../postgres/channel.ts";
import type { Queryable } from "../postgres/client.ts";
import { withTransaction } from "../postgres/transaction.ts";
import type { AccessTokenClaims } from "../tokens/access-claims.ts";
import type { AccountsContext } from "./context.ts";
import { undecided } from "./undecided.ts";
import { hasId } from "./users-table.ts";

/** Whose sessions, and which of them is the one that asks. */
export type SessionHolder = Pick<AccessTokenClaims, "userId" | "sessionId">;

/** Signs a user out on all devices, or on all others. */
export type LogoutAll = (
  holder: SessionHolder,
  options?: { readonly keepCurrent?: boolean },
) => Promise<void>;

/**
 * Makes `logoutAll`: every session of the user ends and every token of theirs, by a new token generation; with
 * `keepCurrent` every session but the one that asks. It throws DatabaseError.
 */
export function createLogoutAll(context: AccountsContext): LogoutAll {
  return async ({ userId, sessionId }, { keepCurrent = false } = {}) => {
    await withTransaction(context.pool, async (client) => {
      await lockUser(client, context, userId);
      if (!keepCurrent) await raiseGeneration(client, context, userId);
      await endSessions(client, context, userId, keepCurrent ? sessionId : null);
    }).catch((error: unknown) => {
      throw undecided(error);
    });
  };
}

/**
 * Whoever deletes the user's row comes to accounts and sessions through it. Without this lock first, the two
 * could wait for one another, and the old application's DELETE be the one that is given up.
 */
async function lockUser(client: Queryable, { table }: AccountsContext, userId: string): Promise<void> {
  await client.query(`SELECT FROM ${table.name} u WHERE ${hasId(table, 1)} FOR KEY SHARE`, [userId]);
}

async function raiseGeneration(client: Queryable, { table }: AccountsContext, userId: string): Promise<void> {
  await client.query(
    `INSERT INTO ${table.accounts} AS a (user_id, token_generation)
     SELECT u.${table.id}, 1 FROM ${table.name} u WHERE ${hasId(table, 1)}
     ON CONFLICT (user_id) DO UPDATE SET token_generation = a.token_generation + 1`,
    [userId],
  );
}

/** Rows are locked in one order, for the same user may ask twice at once. */
async function endSessions(
  client: Queryable,
  { table, configuration: { schema } }: AccountsContext,
  userId: string,
  kept: string | null,
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
