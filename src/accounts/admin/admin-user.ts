import { qualify } from "../../postgres/identifiers.ts";
import { rfc3339, toUser, type User, userFields } from "../user.ts";
import { hasNoPassword } from "../users-table.ts";
import type { AdminParts } from "./acting.ts";

/** A user as administrators see one. Never a hash. Times are RFC 3339. */
export interface AdminUser extends User {
  readonly has_password: boolean;
  /** Since when nobody can sign in to the account. */
  readonly disabled_at: string | null;
  /** When the user closed it. */
  readonly closed_at: string | null;
  /** When a session of theirs last began, as far as sessions and the audit log reach back. */
  readonly last_sign_in_at: string | null;
}

/** Events with which a session begins. */
const SIGN_INS = "'login', 'registered', 'bridged', 'account_claimed'";

/** The select list of an AdminUser, over the aliases `u` (users) and `a` (accounts). */
export function adminUserFields({ table, configuration }: AdminParts): string {
  const log = qualify(configuration.schema, "audit_log");
  const lastSignIn = `(SELECT max(m.at) FROM (
      SELECT max(s.created_at) AS at FROM ${table.sessions} s WHERE s.user_id = u.${table.id}
      UNION ALL
      SELECT max(l.occurred_at) FROM ${log} l
       WHERE l.user_id = u.${table.id}::text AND l.result = 'success' AND l.event IN (${SIGN_INS})) m)`;
  return [
    userFields(table, "from accounts"),
    `NOT (${hasNoPassword(table)}) AS has_password`,
    `${rfc3339("a.disabled_at AT TIME ZONE 'UTC'")} AS disabled_at`,
    `${rfc3339("a.closed_at AT TIME ZONE 'UTC'")} AS closed_at`,
    `${rfc3339(`${lastSignIn} AT TIME ZONE 'UTC'`)} AS last_sign_in_at`,
  ].join(", ");
}

/** Takes the AdminUser out of a row that may hold more. */
export function toAdminUser(row: AdminUser): AdminUser {
  const { has_password, disabled_at, closed_at, last_sign_in_at } = row;
  return { ...toUser(row), has_password, disabled_at, closed_at, last_sign_in_at };
}
