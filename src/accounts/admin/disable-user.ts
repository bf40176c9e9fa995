import type { Queryable } from "../../postgres/client.ts";
import { endSessions, raiseGeneration } from "../end-sessions.ts";
import { dropLinks } from "../one-time-tokens.ts";
import { hasId, type UsersTable } from "../users-table.ts";
import type { Acting, AdminParts } from "./acting.ts";
import type { AdminUser } from "./admin-user.ts";
import { changeUser } from "./change-user.ts";

/** Does something to a user whom an administrator names. */
export type ByAdministrator = (userId: string, acting: Acting) => Promise<AdminUser>;

/**
 * Makes `disableUser`: from now on nobody signs in to the account, and every session, token and link of it has
 * ended. It throws SignInError `user_unknown`; DatabaseError.
 */
export function createDisableUser(parts: AdminParts): ByAdministrator {
  return async (userId, acting) => {
    const { user } = await changeUser(parts, acting, userId, async (client, before) => {
      await setDisabled(client, parts.table, userId);
      await raiseGeneration(client, parts, userId);
      await endSessions(client, parts, userId);
      await dropLinks(client, parts, userId);
      return [null, { event: "user_disabled", detail: { changed: before.disabled_at === null } }];
    });
    return user;
  };
}

/** Makes `enableUser`: opens a disabled account again, one that its user closed too. It throws as `disableUser`. */
export function createEnableUser(parts: AdminParts): ByAdministrator {
  const { table } = parts;
  return async (userId, acting) => {
    const { user } = await changeUser(parts, acting, userId, async (client, before) => {
      await client.query(
        `UPDATE ${table.accounts} a SET disabled_at = NULL, closed_at = NULL FROM ${table.name} u
          WHERE a.user_id = u.${table.id} AND ${hasId(table, 1)}`,
        [userId],
      );
      return [null, { event: "user_enabled", detail: { changed: before.disabled_at !== null } }];
    });
    return user;
  };
}

async function setDisabled(client: Queryable, table: UsersTable, userId: string): Promise<void> {
  await client.query(
    `INSERT INTO ${table.accounts} AS a (user_id, disabled_at)
     SELECT u.${table.id}, now() FROM ${table.name} u WHERE ${hasId(table, 1)}
     ON CONFLICT (user_id) DO UPDATE SET disabled_at = coalesce(a.disabled_at, now())`,
    [userId],
  );
}
