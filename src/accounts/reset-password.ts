import type { Queryable } from "../postgres/client.ts";
import { withTransaction } from "../postgres/transaction.ts";
import { audit } from "./audit.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { findAccountById } from "./find-account.ts";
import { runHook } from "./hooks.ts";
import { lockAccount } from "./lock-account.ts";
import { createNewPasswords } from "./new-password.ts";
import { type Link, linkInvalid, readLink, useLink } from "./one-time-tokens.ts";
import { countingGuesses } from "./presented-link.ts";
import { explainRefusal } from "./refused-values.ts";
import { afterPassword, storePassword } from "./store-password.ts";
import { toUser, type User } from "./user.ts";
import { isSameEmail, rememberVerified } from "./verified-email.ts";

/** The token of a link, and the password it is used for. */
export interface PasswordReset {
  readonly token: string;
  readonly password: string;
}

/** Sets a new password by a link that was sent. */
export type ResetPassword = (reset: PasswordReset, caller?: Caller) => Promise<void>;

/**
 * Makes `resetPassword`. Whoever read the mail has the address, so it is verified by that. A password that is refused
 * leaves the link as it was. It throws SignInError `link_invalid` or `request_abandoned`, FieldsError
 * (`password_common` …), Refusal or AuthgraftError `hook_failed` from the application's hooks, ThrottledError
 * `too_many_requests`, OverloadedError `overloaded`, DatabaseError.
 */
export function createResetPassword(context: AccountsContext): ResetPassword {
  const { pool, table } = context;
  const passwords = createNewPasswords(context);
  return async ({ token, password }, caller = {}) => {
    await countingGuesses(context, "reset_password", caller, async () => {
      const link = await readLink(pool, context, ["reset_password"], token);
      const owner = await findAccountById(pool, table, link.user_id ?? "");
      if (owner === null || owner.is_disabled || !isSameEmail(owner.email, link.email)) throw linkInvalid();
      await passwords.check(password, owner);
      await reset(context, link, await passwords.hash(password, caller), caller);
    });
    await afterPassword(context);
  };
}

async function reset(context: AccountsContext, link: Link, hash: string, caller: Caller): Promise<void> {
  await withTransaction(context.pool, async (client) => {
    const user = await lockAccount(client, context, link.user_id ?? "");
    await useLink(client, context, link);
    if (user === null || !isSameEmail(user.email, link.email)) throw linkInvalid();
    await verifyEmail(client, context, user, caller);
    const password = { user, hash, reason: "reset", replaces: "anything" } as const;
    if ((await storePassword(client, context, password, caller)) === null) throw linkInvalid();
  }).catch(async (error: unknown) => {
    throw await explainRefusal(error, context, { what: "a new password" });
  });
}

async function verifyEmail(
  client: Queryable,
  context: AccountsContext,
  user: User,
  caller: Caller,
): Promise<void> {
  if (user.email === null) return;
  await rememberVerified(client, context, user.id, user.email);
  if (user.email_verified) return;
  await audit(client, context, { event: "email_verified", userId: user.id }, caller);
  const told = { ...toUser(user), email_verified: true };
  await runHook(client, context, "onEmailVerified", { user: told }, caller);
}
