import type { Queryable } from "../postgres/client.ts";
import { withTransaction } from "../postgres/transaction.ts";
import type { AccessTokenClaims } from "../tokens/access-claims.ts";
import { audit } from "./audit.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { endSessions, raiseGeneration } from "./end-sessions.ts";
import { undecided } from "./undecided.ts";
import { hasId } from "./users-table.ts";

/** Whose sessions, and which of them is the one that asks. */
export type SessionHolder = Pick<AccessTokenClaims, "userId" | "sessionId">;

/** Signs a user out on all devices, or on all others. */
export type LogoutAll = (
  holder: SessionHolder,
  options?: { readonly keepCurrent?: boolean },
  caller?: Caller,
) => Promise<void>;

/**
 * Makes `logoutAll`: every session of the user ends and every token of theirs, by a new token generation; with
 * `keepCurrent` every session but the one that asks. It throws DatabaseError.
 */
export function createLogoutAll(context: AccountsContext): LogoutAll {
  return async ({ userId, sessionId }, { keepCurrent = false } = {}, caller = {}) => {
    await withTransaction(context.pool, async (client) => {
      await lockUser(client, context, userId);
      if (!keepCurrent) await raiseGeneration(client, context, userId);
      await endSessions(client, context, userId, keepCurrent ? sessionId : null);
      const detail = { keep_current: keepCurrent };
      await audit(client, context, { event: "logout_all", userId, sessionId, detail }, caller);
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
