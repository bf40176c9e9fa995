import { SignInError } from "../../errors.ts";
import type { Queryable } from "../../postgres/client.ts";
import { withTransaction } from "../../postgres/transaction.ts";
import { audit, type Happening } from "../audit.ts";
import { lockHolder } from "../lock-account.ts";
import { undecided } from "../undecided.ts";
import { isNoSuchId } from "../users-table.ts";
import type { Acting, AdminParts } from "./acting.ts";
import type { AdminUser } from "./admin-user.ts";
import { findAdminUser, unknownUser } from "./read-user.ts";

/** What a change of a user came to. */
export interface Changed<Result> {
  readonly result: Result;
  /** The user as they are after it. */
  readonly user: AdminUser;
}

/** What a change does in its transaction, with the user as they are before it. */
export type Change<Result> = (
  client: Queryable,
  before: AdminUser,
) => Promise<[Result, Pick<Happening, "event" | "detail">]>;

/**
 * Changes a user on an administrator's word: both rows are locked, in one order, so that of two administrators who
 * take each other's power away one comes first; the word counts only if they have that power still; and what was
 * done is written down with who did it.
 *
 * @throws SignInError `user_unknown`; `invalid_token` or `forbidden` for who is no administrator any more; DatabaseError.
 */
export async function changeUser<Result>(
  parts: AdminParts,
  acting: Acting,
  userId: string,
  change: Change<Result>,
): Promise<Changed<Result>> {
  if (userId.includes("\0") || !userId.isWellFormed()) throw unknownUser();
  try {
    return await withTransaction(parts.pool, async (client) => {
      await lockUsers(client, parts, acting, userId);
      await assertPower(client, parts, acting);
      const before = await findAdminUser(client, parts, userId);
      const [result, happening] = await change(client, before);
      await audit(client, parts, { userId: before.id, actor: acting.actor, ...happening }, acting.caller);
      return { result, user: await findAdminUser(client, parts, userId) };
    });
  } catch (error) {
    throw isNoSuchId(error) ? unknownUser() : undecided(error);
  }
}

/** Locks a user and the administrator who acts, in one order. */
export async function lockUsers(
  client: Queryable,
  { table }: AdminParts,
  { claims }: Acting,
  userId: string,
): Promise<void> {
  await client.query(
    `SELECT FROM ${table.name} u WHERE u.${table.id} = ANY ($1::text[]::${table.idType}[])
      ORDER BY u.${table.id} FOR NO KEY UPDATE`,
    [claims === null ? [userId] : [claims.userId, userId]],
  );
}

/**
 * Demoted, disabled or signed out since the request was looked at: the row says so now that it is locked.
 *
 * @throws SignInError `invalid_token`; `forbidden`.
 */
export async function assertPower(client: Queryable, parts: AdminParts, { claims }: Acting): Promise<void> {
  if (claims === null) return;
  const administrator = await lockHolder(client, parts, claims);
  if (!administrator.is_admin) throw new SignInError("forbidden", "This is for administrators.");
}
