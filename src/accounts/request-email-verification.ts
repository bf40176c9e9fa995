import { SignInError } from "../errors.ts";
import { withTransaction } from "../postgres/transaction.ts";
import { audit } from "./audit.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import type { Identity } from "./current-user.ts";
import { FieldsError } from "./fields/field-error.ts";
import { allowedRedirect } from "./link-pages.ts";
import { lockHolder } from "./lock-account.ts";
import { sendVerification } from "./send-verification.ts";
import { undecided } from "./undecided.ts";
import { mailboxOf } from "./verified-email.ts";

/** Sends the mail that asks whether the user's address is theirs, once more; the link before it is good no more. */
export type RequestEmailVerification = (
  identity: Identity,
  request?: { readonly redirect_to?: string | undefined },
  caller?: Caller,
) => Promise<void>;

/**
 * Makes `requestEmailVerification`; where the address is verified already nothing is sent.
 *
 * It throws FieldsError `field_required` where the user has no email, or `redirect_refused`; ThrottledError
 * `too_many_requests`; SignInError `mail_unavailable` or `invalid_token`; DatabaseError.
 */
export function createRequestEmailVerification(context: AccountsContext): RequestEmailVerification {
  const { pool, configuration, throttle, mailer } = context;
  return async ({ user: { email }, claims }, { redirect_to } = {}, caller = {}) => {
    const redirect = allowedRedirect(configuration, redirect_to);
    if (email === null) throw noEmail();
    if (!mailer.isAvailable) throw new SignInError("mail_unavailable", "This server sends no mail.");
    await throttle.mail({ account: mailboxOf(email), address: caller.address });
    await withTransaction(pool, async (client) => {
      const user = await lockHolder(client, context, claims);
      if (user.email_verified) return;
      await sendVerification(client, context, user, caller, redirect);
      const { userId, sessionId } = claims;
      await audit(client, context, { event: "email_verification_requested", userId, sessionId }, caller);
    }).catch((error: unknown) => {
      throw undecided(error);
    });
    mailer.wake();
  };
}

function noEmail(): FieldsError {
  return new FieldsError({
    field: "email",
    code: "field_required",
    message: "Your account has no email that could be verified.",
  });
}
