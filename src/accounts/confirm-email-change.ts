import type { Queryable } from "../postgres/client.ts";
import { qualify, quoteIdentifier } from "../postgres/identifiers.ts";
import { withTransaction } from "../postgres/transaction.ts";
import { audit } from "./audit.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { runHook } from "./hooks.ts";
import { lockAccount } from "./lock-account.ts";
import { dropLinks, type Link, linkInvalid, readLink, useLink } from "./one-time-tokens.ts";
import { countingGuesses } from "./presented-link.ts";
import { explainRefusal } from "./refused-values.ts";
import type { ChangeSide } from "./request-email-change.ts";
import { nameOf } from "./send-verification.ts";
import { undecided } from "./undecided.ts";
import type { User } from "./user.ts";
import { hasId } from "./users-table.ts";
import { rememberVerified } from "./verified-email.ts";

/** What has come of a change of address. */
export interface EmailChangeState {
  readonly status: "pending" | "changed";
  /** Who has to agree still. */
  readonly awaiting: readonly ChangeSide[];
}

/** Says yes to a change of address from one of its sides; the last yes changes it. */
export type ConfirmEmailChange = (token: string, caller?: Caller) => Promise<EmailChangeState>;

/**
 * Makes `confirmEmailChange`, for the links of both sides in either order. A link counts only while the user has the
 * address that they had when they asked: the old application may have changed it. Where the change fails nothing
 * was used up.
 *
 * It throws SignInError `link_invalid`; FieldsError `email_taken`, or SignInError `field_invalid` where the application's own rules refuse
 * the address; Refusal or AuthgraftError `hook_failed` from its hook; ThrottledError `too_many_requests`; DatabaseError.
 */
export function createConfirmEmailChange(context: AccountsContext): ConfirmEmailChange {
  const { pool } = context;
  return (token, caller = {}) =>
    countingGuesses(context, "change_email", caller, async () => {
      const purposes = ["change_email_confirm", "change_email_approve"] as const;
      const state = await agree(context, await readLink(pool, context, purposes, token), caller);
      context.mailer.wake();
      return state;
    });
}

async function agree(context: AccountsContext, link: Link, caller: Caller): Promise<EmailChangeState> {
  const { user_id: userId, email } = link;
  if (userId === null || email === null) throw linkInvalid();
  return withTransaction(context.pool, async (client): Promise<EmailChangeState> => {
    // Where the email is UNIQUE by a plain constraint this is the lock that changing it takes.
    const user = await lockAccount(client, context, userId, "FOR UPDATE");
    const { change_id, detail } = await useLink(client, context, link);
    if (user === null || user.email !== detail?.previous) throw linkInvalid();
    const awaiting = await sidesLeft(client, context, change_id);
    if (awaiting.length > 0) {
      await audit(client, context, { event: "email_change_confirmed", userId, detail: { awaiting } }, caller);
      return { status: "pending", awaiting };
    }
    await change(client, context, user, email, caller);
    return { status: "changed", awaiting };
  }).catch(async (error: unknown) => {
    const what = "a change of address";
    throw undecided(await explainRefusal(error, context, { id: userId, email, what }));
  });
}

async function sidesLeft(
  client: Queryable,
  { configuration }: AccountsContext,
  changeId: string | null,
): Promise<ChangeSide[]> {
  const { rows } = await client.query<{ side: ChangeSide }>(
    `SELECT CASE purpose WHEN 'change_email_confirm' THEN 'new' ELSE 'old' END AS side
       FROM ${qualify(configuration.schema, "one_time_tokens")} WHERE change_id = $1::uuid`,
    [changeId],
  );
  return rows.map(({ side }) => side);
}

async function change(
  client: Queryable,
  context: AccountsContext,
  user: User,
  email: string,
  caller: Caller,
): Promise<void> {
  const { table, mailer } = context;
  await client.query(
    `UPDATE ${table.name} AS u SET ${quoteIdentifier(table.mapping.email)} = $2 WHERE ${hasId(table, 1)}`,
    [user.id, email],
  );
  await rememberVerified(client, context, user.id, email);
  await dropLinks(client, context, user.id);
  if (user.email !== null && mailer.isAvailable) await tell(client, context, user, user.email, email, caller);
  const changed = { ...user, email, email_verified: true };
  await runHook(client, context, "onEmailChange", { user: changed, previous: user.email }, caller);
  await audit(client, context, { event: "email_changed", userId: user.id }, caller);
}

async function tell(
  client: Queryable,
  { mailer }: AccountsContext,
  user: User,
  to: string,
  newEmail: string,
  { language }: Caller,
): Promise<void> {
  await mailer.enqueue(client, {
    kind: "email-changed",
    to,
    language,
    details: { name: nameOf(user), newEmail },
  });
}
