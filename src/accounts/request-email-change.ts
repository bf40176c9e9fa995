import { randomUUID } from "node:crypto";
import { SignInError } from "../errors.ts";
import type { Queryable } from "../postgres/client.ts";
import { withTransaction } from "../postgres/transaction.ts";
import { audit } from "./audit.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import type { Identity } from "./current-user.ts";
import { findTaken } from "./duplicates.ts";
import { throwIfAny } from "./fields/field-error.ts";
import { emailError, registrationFields } from "./fields/registration-fields.ts";
import { allowedRedirect, linkTo } from "./link-pages.ts";
import { lockHolder } from "./lock-account.ts";
import { dropLinks, makeLink } from "./one-time-tokens.ts";
import { proveItIsYou } from "./prove-it-is-you.ts";
import { nameOf } from "./send-verification.ts";
import { undecided } from "./undecided.ts";
import type { User } from "./user.ts";
import { mailboxOf } from "./verified-email.ts";

/** Who has to agree still: whoever reads the new address, whoever reads the old one. */
export type ChangeSide = "new" | "old";

/** A change of address that waits. */
export interface PendingEmailChange {
  readonly status: "pending";
  readonly awaiting: readonly ChangeSide[];
}

/** Where to, and that it is really the user who asks. */
export interface EmailChange {
  readonly email: string;
  readonly password?: string | undefined;
  readonly redirect_to?: string | undefined;
}

/** Asks both addresses about a change of address; the one that was asked for before is off. */
export type RequestEmailChange = (
  identity: Identity,
  change: EmailChange,
  caller?: Caller,
) => Promise<PendingEmailChange>;

/**
 * Makes `requestEmailChange`. The old address is asked where it was verified: nobody may be reading another. That the
 * new address is somebody else's is not told: links are made as for any other, and the one to it is sent to nobody.
 *
 * It throws FieldsError (`field_invalid`, `field_required`, `redirect_refused`), SignInError `email_unchanged`, `mail_unavailable`,
 * `recent_login_required`, `invalid_token` or `request_abandoned`, ThrottledError `too_many_requests`,
 * OverloadedError `overloaded`, DatabaseError.
 */
export function createRequestEmailChange(context: AccountsContext): RequestEmailChange {
  const { pool, table, configuration, throttle, mailer } = context;
  const fields = registrationFields(table, configuration.passwords);
  return async ({ user, claims }, { email, password, redirect_to }, caller = {}) => {
    const error = emailError(email, fields.email);
    throwIfAny(error === null ? [] : [error]);
    const redirect = allowedRedirect(configuration, redirect_to);
    if (email === user.email) throw unchanged();
    if (!mailer.isAvailable) throw new SignInError("mail_unavailable", "This server sends no mail.");
    await proveItIsYou(context, claims, password, caller);
    await throttle.mail({ account: mailboxOf(email), address: caller.address });
    const awaiting = await withTransaction(pool, async (client) => {
      const holder = await lockHolder(client, context, claims);
      const sides = await askBothSides(client, context, { user: holder, email, redirect }, caller);
      const { userId, sessionId } = claims;
      const detail = { awaiting: sides };
      await audit(client, context, { event: "email_change_requested", userId, sessionId, detail }, caller);
      return sides;
    }).catch((failure: unknown) => {
      throw undecided(failure);
    });
    mailer.wake();
    return { status: "pending", awaiting };
  };
}

function unchanged(): SignInError {
  return new SignInError("email_unchanged", "This is your email already.");
}

interface Move {
  readonly user: User;
  /** The new address. */
  readonly email: string;
  readonly redirect: string | undefined;
}

async function askBothSides(
  client: Queryable,
  context: AccountsContext,
  move: Move,
  caller: Caller,
): Promise<readonly ChangeSide[]> {
  const { user, email } = move;
  await dropLinks(client, context, user.id, ["change_email_confirm", "change_email_approve"]);
  const changeId = randomUUID();
  const [taken] = await findTaken(client, context.table, { email }, user.id);
  await ask(
    client,
    context,
    { ...move, changeId, side: "new", to: taken === undefined ? email : null },
    caller,
  );
  if (!user.email_verified) return ["new"];
  await ask(client, context, { ...move, changeId, side: "old", to: user.email }, caller);
  return ["new", "old"];
}

const KINDS = {
  new: { purpose: "change_email_confirm", kind: "change-email-confirm" },
  old: { purpose: "change_email_approve", kind: "change-email-approve" },
} as const;

interface Question extends Move {
  readonly changeId: string;
  readonly side: ChangeSide;
  /** Null: the link is made, and nobody gets it. */
  readonly to: string | null;
}

async function ask(
  client: Queryable,
  context: AccountsContext,
  { user, email, redirect, changeId, side, to }: Question,
  { language }: Caller,
): Promise<void> {
  const { configuration, mailer } = context;
  const { purpose, kind } = KINDS[side];
  const lifetime = configuration.linkLifetimes.changeEmailSeconds;
  const token = await makeLink(client, context, {
    ...{ purpose, userId: user.id, email, lifetime, changeId },
    detail: { previous: user.email },
  });
  if (to === null) return;
  const link = linkTo(configuration, "changeEmail", token, redirect);
  const details = { link, linkSeconds: lifetime, name: nameOf(user), newEmail: email };
  await mailer.enqueue(client, { kind, to, language, details });
}
