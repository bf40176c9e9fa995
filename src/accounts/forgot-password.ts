import { SignInError } from "../errors.ts";
import type { Queryable } from "../postgres/client.ts";
import { withTransaction } from "../postgres/transaction.ts";
import { audit, NOBODY } from "./audit.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { FieldsError } from "./fields/field-error.ts";
import { type Account, findAccount } from "./find-account.ts";
import { allowedRedirect, linkTo } from "./link-pages.ts";
import { lockAccount } from "./lock-account.ts";
import { dropLinks, makeLink } from "./one-time-tokens.ts";
import { nameOf } from "./send-verification.ts";
import type { User } from "./user.ts";
import { isSameEmail, mailboxOf } from "./verified-email.ts";

/** Who has forgotten their password, and which page the link is to lead to. */
export interface Forgotten {
  readonly email: string;
  readonly redirect_to?: string | undefined;
}

/** Sends a link by which a new password can be set. */
export type ForgotPassword = (forgotten: Forgotten, caller?: Caller) => Promise<void>;

/** One address, as strangely as the old application may have stored it; never two of them. */
const ADDRESS = /^[^\s,;<>@]{1,64}@[^\s,;<>@]{1,255}$/;

/**
 * Makes `forgotPassword`. Whether anybody has the address is not told, by the answer or by its time: all that depends
 * on it is done afterwards. It throws FieldsError `field_invalid` or `redirect_refused`, ThrottledError
 * `too_many_requests`, OverloadedError `overloaded`, SignInError `mail_unavailable`, DatabaseError.
 */
export function createForgotPassword(context: AccountsContext): ForgotPassword {
  const { configuration, throttle, background, mailer } = context;
  return async ({ email, redirect_to }, caller = {}) => {
    const redirect = allowedRedirect(configuration, redirect_to);
    if (!ADDRESS.test(email)) throw notAnAddress();
    if (!mailer.isAvailable) throw new SignInError("mail_unavailable", "This server sends no mail.");
    // By itself: what else sends mail to an address, or pretends to, must not keep its owner from a new password.
    await throttle.mail({ account: `forgotten ${mailboxOf(email)}`, address: caller.address });
    background.run(() => answerByMail(context, email, redirect, caller));
  };
}

function notAnAddress(): FieldsError {
  return new FieldsError({
    field: "email",
    code: "field_invalid",
    message: "The email must be one address, like ada@example.com.",
  });
}

async function answerByMail(
  context: AccountsContext,
  email: string,
  redirect: string | undefined,
  caller: Caller,
): Promise<void> {
  const found = await findAccount(context.pool, context.table, { email, password: "" });
  if (found === null) return;
  await withTransaction(context.pool, async (client) => {
    const user = await lockAccount(client, context, found.id);
    if (user === null || !isSameEmail(user.email, email)) return;
    const isTrusted = mayBeLetIn(context, found, user);
    if (isTrusted) await sendLink(client, context, user, redirect, caller);
    else await sendNoLink(client, context, user, caller);
    const detail = { mail: isTrusted ? "reset-password" : "no-password" };
    const requested = { event: "password_reset_requested", actor: NOBODY, userId: user.id, detail } as const;
    await audit(client, context, requested, caller);
  });
  context.mailer.wake();
}

/**
 * An address that nobody has ever shown to be theirs is no way into an account that never had a password: whoever
 * wrote it there, or has it now, need not be who has the account.
 */
function mayBeLetIn({ configuration }: AccountsContext, { stored_hash }: Account, user: User): boolean {
  const hasPassword = stored_hash !== null && stored_hash !== "";
  return hasPassword || user.email_verified || configuration.legacyEmails === "trusted";
}

async function sendLink(
  client: Queryable,
  context: AccountsContext,
  user: User,
  redirect: string | undefined,
  { language }: Caller,
): Promise<void> {
  const { configuration, mailer } = context;
  if (user.email === null) return;
  const lifetime = configuration.linkLifetimes.resetPasswordSeconds;
  await dropLinks(client, context, user.id, ["reset_password"]);
  const token = await makeLink(client, context, {
    ...{ purpose: "reset_password", userId: user.id, email: user.email, lifetime },
  });
  const link = linkTo(configuration, "resetPassword", token, redirect);
  const details = { link, linkSeconds: lifetime, name: nameOf(user) };
  await mailer.enqueue(client, { kind: "reset-password", to: user.email, language, details });
}

async function sendNoLink(
  client: Queryable,
  { mailer }: AccountsContext,
  user: User,
  { language }: Caller,
): Promise<void> {
  if (user.email === null) return;
  const details = { name: nameOf(user) };
  await mailer.enqueue(client, { kind: "no-password", to: user.email, language, details });
}
