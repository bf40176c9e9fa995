import { SignInError } from "../../errors.ts";
import type { Queryable } from "../../postgres/client.ts";
import { quoteIdentifier } from "../../postgres/identifiers.ts";
import { hasId, type UsersTable } from "../users-table.ts";
import type { Acting, AdminParts } from "./acting.ts";
import type { AdminUser } from "./admin-user.ts";
import { changeUser } from "./change-user.ts";

/** Makes a user an administrator, or takes that away. */
export type SetAdmin = (userId: string, isAdmin: boolean, acting: Acting) => Promise<AdminUser>;

/**
 * Makes `setAdmin`; doing it again changes nothing. It throws SignInError `admin_elsewhere` where a column of the
 * application's own says who is an administrator; `user_unknown`; DatabaseError.
 */
export function createSetAdmin(parts: AdminParts): SetAdmin {
  const { table } = parts;
  return async (userId, isAdmin, acting) => {
    const column = ownColumn(table);
    const { user } = await changeUser(parts, acting, userId, async (client, before) => {
      const changed = before.is_admin !== isAdmin;
      if (changed) await write(client, table, column, userId, isAdmin);
      return [null, { event: isAdmin ? "admin_granted" : "admin_revoked", detail: { changed } }];
    });
    return user;
  };
}

/**
 * Makes `setAdmin` for where the configuration leaves that to the command line. It throws SignInError
 * `admin_elsewhere`.
 */
export function refuseSetAdmin(): SetAdmin {
  return async () => {
    throw new SignInError(
      "admin_elsewhere",
      "Who is an administrator is decided at the command line: administration.promotion is off.",
    );
  };
}

async function write(
  client: Queryable,
  table: UsersTable,
  column: string,
  userId: string,
  isAdmin: boolean,
): Promise<void> {
  await client.query(
    `UPDATE ${table.name} u SET ${quoteIdentifier(column)} = $2::bool WHERE ${hasId(table, 1)}`,
    [userId, isAdmin],
  );
}

function ownColumn({ mapping: { admin, is_admin: own } }: UsersTable): string {
  if (admin === null && own !== null) return own;
  throw new SignInError(
    "admin_elsewhere",
    `The column ${admin?.column} of the application says who is an administrator; Authgraft does not write to it.`,
  );
}
