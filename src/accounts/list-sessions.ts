import type { AccountsContext } from "./context.ts";
import type { SessionHolder } from "./logout-all.ts";
import { goesOn } from "./sessions.ts";
import { undecided } from "./undecided.ts";
import { rfc3339 } from "./user.ts";
import { hasId } from "./users-table.ts";

/** A session as its user sees it. Times are RFC 3339. */
export interface SessionView {
  readonly id: string;
  /** Whether it is the one that asks. */
  readonly current: boolean;
  readonly created_at: string;
  /** When it was last refreshed. */
  readonly last_used_at: string;
  /** When it ends at the latest. */
  readonly expires_at: string;
  /** What signed in, as it called itself, and from where. */
  readonly user_agent: string | null;
  readonly address: string | null;
}

/** Nobody has more devices. */
const MOST = 100;

/** Makes `listSessions`: the user's sessions that go on, the last used first, at most 100. It throws DatabaseError. */
export function createListSessions(
  context: AccountsContext,
): (holder: SessionHolder) => Promise<readonly SessionView[]> {
  const { pool, table } = context;
  const moment = (column: string) => `${rfc3339(`s.${column} AT TIME ZONE 'UTC'`)} AS ${column}`;
  const text = `SELECT s.id::text AS id, s.id = $2::uuid AS current, ${moment("created_at")},
       ${moment("last_used_at")}, ${moment("expires_at")}, s.user_agent, s.address
    FROM ${table.sessions} s
    JOIN ${table.name} u ON u.${table.id} = s.user_id
    LEFT JOIN ${table.accounts} a ON a.user_id = s.user_id
   WHERE ${hasId(table, 1)} AND ${goesOn(context)}
   ORDER BY s.last_used_at DESC, s.id LIMIT ${MOST}`;
  return async ({ userId, sessionId }) => {
    const { rows } = await pool.query<SessionView>(text, [userId, sessionId]).catch((error: unknown) => {
      throw undecided(error);
    });
    return rows;
  };
}
