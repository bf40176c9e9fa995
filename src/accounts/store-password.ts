import type { AuditEventKind } from "../audit/record.ts";
import type { HookEvents } from "../config/own-functions.ts";
import type { Queryable } from "../postgres/client.ts";
import { quoteIdentifier } from "../postgres/identifiers.ts";
import { audit } from "./audit.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { endSessions, raiseGeneration } from "./end-sessions.ts";
import { runHook } from "./hooks.ts";
import { dropLinks } from "./one-time-tokens.ts";
import { nameOf } from "./send-verification.ts";
import { toUser, type User } from "./user.ts";
import { hasId, hasNoPassword } from "./users-table.ts";

/** Why a user has a new password. */
export type PasswordReason = HookEvents["onPasswordChange"]["reason"];

/** A new password, hashed before the transaction began. */
export interface NewPassword {
  /** Whose it is; their row is locked. */
  readonly user: User;
  readonly hash: string;
  readonly reason: PasswordReason;
  /** What stands there must be this; `anything` where whoever comes has shown by other means who they are. */
  readonly replaces: { readonly stored: string } | "nothing" | "anything";
  /** The address that is stored with it; what there is stays where none is given. */
  readonly email?: string | undefined;
  /** The session by which it was asked for. */
  readonly sessionId?: string | undefined;
  /** Whether that session and its tokens go on. */
  readonly keepsSession?: boolean;
}

const EVENTS: Readonly<Record<PasswordReason, AuditEventKind>> = {
  changed: "password_changed",
  reset: "password_reset",
  set: "password_set",
  claimed: "account_claimed",
};

/**
 * Stores a password, in the caller's transaction: who was signed in is so no more, links that were sent are void (a
 * change of the email that waits, too), the application's hook is told, and the user by mail. After the commit,
 * `afterPassword` is the caller's to call.
 *
 * @returns the token generation from now on; null where what stands there is not what it replaces. Nothing was
 *   done then.
 * @throws Refusal, or AuthgraftError `hook_failed`, from the hook.
 */
export async function storePassword(
  client: Queryable,
  context: AccountsContext,
  password: NewPassword,
  caller: Caller,
): Promise<number | null> {
  const { user, reason, sessionId, keepsSession = false } = password;
  if (!(await write(client, context, password))) return null;
  const generation = await recordChange(client, context, user.id, keepsSession);
  await endSessions(client, context, user.id, keepsSession ? (sessionId ?? null) : null);
  await dropLinks(client, context, user.id);
  const happening = { event: EVENTS[reason], userId: user.id, sessionId: sessionId ?? null };
  await audit(client, context, happening, caller);
  const told: User = { ...toUser(user), email: password.email ?? user.email };
  await runHook(client, context, "onPasswordChange", { user: told, reason }, caller);
  await tellByMail(client, context, password, caller);
  return generation;
}

/** What waits for the commit: mails go out, and this process knows what has ended. */
export async function afterPassword({
  mailer,
  revocations,
}: Pick<AccountsContext, "mailer" | "revocations">): Promise<void> {
  mailer.wake();
  await revocations.catchUp();
}

/** Compared and swapped in one statement, with whatever the old application writes meanwhile. */
async function write(
  client: Queryable,
  { table }: AccountsContext,
  { user, hash, replaces, email }: NewPassword,
): Promise<boolean> {
  const { password_hash, email: emailColumn } = table.mapping;
  const column = quoteIdentifier(password_hash);
  const values: unknown[] = [user.id, hash];
  const place = (value: unknown) => `$${values.push(value)}`;
  const address = email === undefined ? "" : `, ${quoteIdentifier(emailColumn)} = ${place(email)}`;
  const condition = () => {
    if (replaces === "anything") return "true";
    return replaces === "nothing" ? hasNoPassword(table) : `u.${column} = ${place(replaces.stored)}`;
  };
  const { rowCount } = await client.query(
    `UPDATE ${table.name} AS u SET ${column} = $2${address} WHERE ${hasId(table, 1)} AND ${condition()}`,
    values,
  );
  return rowCount === 1;
}

async function recordChange(
  client: Queryable,
  context: AccountsContext,
  userId: string,
  keepsSession: boolean,
): Promise<number> {
  const { table } = context;
  if (!keepsSession) await raiseGeneration(client, context, userId);
  const { rows } = await client.query<{ generation: string }>(
    `INSERT INTO ${table.accounts} AS a (user_id, password_changed_at)
     SELECT u.${table.id}, now() FROM ${table.name} u WHERE ${hasId(table, 1)}
     ON CONFLICT (user_id) DO UPDATE SET password_changed_at = now()
     RETURNING a.token_generation::text AS generation`,
    [userId],
  );
  return Number(rows[0]?.generation);
}

/** To the address there was before: whoever has it may not be who set the password. */
async function tellByMail(
  client: Queryable,
  { mailer }: AccountsContext,
  { user, reason, email }: NewPassword,
  { language }: Caller,
): Promise<void> {
  if (!mailer.isAvailable || user.email === null) return;
  await mailer.enqueue(client, {
    kind: reason === "claimed" ? "account-claimed" : "password-changed",
    ...{ to: user.email, language },
    details: { name: nameOf(user), newEmail: email },
  });
}
