import { lockUntilCommit } from "../postgres/advisory-lock.ts";
import type { Queryable } from "../postgres/client.ts";
import { isUnique } from "../users-table/relation.ts";
import { findTaken } from "./duplicates.ts";
import { throwIfAny } from "./fields/field-error.ts";
import { foldName } from "./fold-name.ts";
import type { UsersTable } from "./users-table.ts";

/** Whether the table itself keeps two users from having one name. */
export function keepsUsernamesUnique({ mapping, relation }: UsersTable): boolean {
  return mapping.username === null || isUnique(relation, [mapping.username]);
}

/**
 * Keeps a username for a transaction that is about to write it, where the table does not: a name that two have is
 * nobody's, and whoever took another's would keep them out. A user's own row is no obstacle where `besides` is its id.
 *
 * @throws FieldsError `username_taken`; DatabaseError.
 */
export async function reserveUsername(
  client: Queryable,
  table: UsersTable,
  username: string | undefined,
  besides: string | null = null,
): Promise<void> {
  if (username === undefined || keepsUsernamesUnique(table)) return;
  await lockUntilCommit(client, `username ${table.name} ${foldName(username)}`);
  throwIfAny(await findTaken(client, table, { username }, besides));
}
