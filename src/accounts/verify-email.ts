import type { Queryable } from "../postgres/client.ts";
import { withTransaction } from "../postgres/transaction.ts";
import { audit } from "./audit.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { runHook } from "./hooks.ts";
import { lockAccount } from "./lock-account.ts";
import { dropLinks, type Link, linkInvalid, readLink, useLink } from "./one-time-tokens.ts";
import { countingGuesses } from "./presented-link.ts";
import { undecided } from "./undecided.ts";
import { isSameEmail, rememberVerified } from "./verified-email.ts";

/** The address that was verified. */
export interface VerifiedEmail {
  readonly email: string;
  readonly status: "verified";
}

/** Uses the link that was sent to an address: whoever read the mail has it. */
export type VerifyEmail = (token: string, caller?: Caller) => Promise<VerifiedEmail>;

/**
 * Makes `verifyEmail`; the link counts only while its address is the user's still.
 *
 * It throws SignInError `link_invalid`, Refusal or AuthgraftError `hook_failed` from the application's hook,
 * ThrottledError `too_many_requests`, DatabaseError.
 */
export function createVerifyEmail(context: AccountsContext): VerifyEmail {
  const { pool } = context;
  return (token, caller = {}) =>
    countingGuesses(context, "verify_email", caller, async () => {
      const link = await readLink(pool, context, ["verify_email"], token);
      return verify(context, link, caller);
    });
}

async function verify(context: AccountsContext, link: Link, caller: Caller): Promise<VerifiedEmail> {
  const { user_id: userId } = link;
  if (userId === null) throw linkInvalid();
  return withTransaction(context.pool, async (client) => {
    const user = await lockAccount(client, context, userId);
    const { email } = await useLink(client, context, link);
    if (user === null || user.email === null || !isSameEmail(user.email, email)) throw linkInvalid();
    await rememberVerified(client, context, userId, user.email);
    if (!user.email_verified) await dropChange(client, context, userId);
    const verified = { ...user, email_verified: true };
    await runHook(client, context, "onEmailVerified", { user: verified }, caller);
    await audit(client, context, { event: "email_verified", userId }, caller);
    return { email: user.email, status: "verified" } as const;
  }).catch((error: unknown) => {
    throw undecided(error);
  });
}

/** A change that was asked for before would go through without this address: nobody had to ask it then. */
function dropChange(client: Queryable, context: AccountsContext, userId: string): Promise<void> {
  return dropLinks(client, context, userId, ["change_email_confirm", "change_email_approve"]);
}
