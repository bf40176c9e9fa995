import type { Queryable } from "../../postgres/client.ts";
import type { AccountsContext } from "../context.ts";
import { endSessions, raiseGeneration } from "../end-sessions.ts";
import { goesOn } from "../sessions.ts";
import { hasId } from "../users-table.ts";
import type { Acting } from "./acting.ts";
import { changeUser } from "./change-user.ts";

/** Signs a user out everywhere, and says how many sessions went on until now. */
export type EndUserSessions = (userId: string, acting: Acting) => Promise<number>;

/** Makes `endUserSessions`. It throws SignInError `user_unknown`; DatabaseError. */
export function createEndUserSessions(context: AccountsContext): EndUserSessions {
  return async (userId, acting) => {
    const { result } = await changeUser(context, acting, userId, async (client) => {
      const sessions = await countSessions(client, context, userId);
      await raiseGeneration(client, context, userId);
      await endSessions(client, context, userId);
      return [sessions, { event: "sessions_ended", detail: { sessions } }];
    });
    return result;
  };
}

async function countSessions(client: Queryable, context: AccountsContext, userId: string): Promise<number> {
  const { table } = context;
  const { rows } = await client.query<{ count: string }>(
    `SELECT count(*)::text AS count FROM ${table.sessions} s
       JOIN ${table.name} u ON u.${table.id} = s.user_id
       LEFT JOIN ${table.accounts} a ON a.user_id = s.user_id
      WHERE ${hasId(table, 1)} AND ${goesOn(context)}`,
    [userId],
  );
  return Number(rows[0]?.count ?? 0);
}
