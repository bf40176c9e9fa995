import { SignInError } from "../../errors.ts";
import type { Queryable } from "../../postgres/client.ts";
import type { AccountsContext } from "../context.ts";
import { createListSessions, type SessionView } from "../list-sessions.ts";
import { undecided } from "../undecided.ts";
import { hasId, isAlive, isNoSuchId } from "../users-table.ts";
import type { AdminParts } from "./acting.ts";
import { type AdminUser, adminUserFields, toAdminUser } from "./admin-user.ts";

/** A user and where they are signed in. */
export interface UserWithSessions {
  readonly user: AdminUser;
  readonly sessions: readonly Omit<SessionView, "current">[];
}

/** Nobody's session: none of those that are listed is the one that asks. */
const NO_SESSION = "00000000-0000-0000-0000-000000000000";

/** Makes `readUser`. It throws SignInError `user_unknown`; DatabaseError. */
export function createReadUser(context: AccountsContext): (userId: string) => Promise<UserWithSessions> {
  const listSessions = createListSessions(context);
  return async (userId) => {
    const user = await findAdminUser(context.pool, context, userId).catch((error: unknown) => {
      throw isNoSuchId(error) ? unknownUser() : undecided(error);
    });
    const sessions = await listSessions({ userId: user.id, sessionId: NO_SESSION });
    return { user, sessions: sessions.map(({ current: _, ...session }) => session) };
  };
}

/**
 * The user of that id, as administrators see them.
 *
 * @throws SignInError `user_unknown`, also for who is marked as deleted.
 */
export async function findAdminUser(
  client: Queryable,
  parts: AdminParts,
  userId: string,
): Promise<AdminUser> {
  if (userId.includes("\0") || !userId.isWellFormed()) throw unknownUser();
  const { table } = parts;
  const { rows } = await client.query<AdminUser>(
    `SELECT ${adminUserFields(parts)} FROM ${table.name} u LEFT JOIN ${table.accounts} a ON a.user_id = u.${table.id}
      WHERE ${hasId(table, 1)} AND ${isAlive(table)}`,
    [userId],
  );
  if (rows[0] === undefined) throw unknownUser();
  return toAdminUser(rows[0]);
}

/** The error of an id that nobody has. */
export function unknownUser(): SignInError {
  return new SignInError("user_unknown", "There is no such user.");
}
