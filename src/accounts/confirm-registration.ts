import { withTransaction } from "../postgres/transaction.ts";
import { audit, NOBODY } from "./audit.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { createUser, type Registrant } from "./create-user.ts";
import { FieldsError, throwIfAny } from "./fields/field-error.ts";
import { registrationFields, usernameError } from "./fields/registration-fields.ts";
import { guessPassword } from "./guess-password.ts";
import { type Link, linkInvalid, readLink, useLink } from "./one-time-tokens.ts";
import { countingGuesses } from "./presented-link.ts";
import { explainRefusal } from "./refused-values.ts";
import type { SealedRegistration } from "./request-registration.ts";
import type { SignedIn } from "./signed-in.ts";

/** The link of a registration, its password, and another username where the first was taken meanwhile. */
export interface RegistrationConfirmation {
  readonly token: string;
  /** The one that was chosen in the registration: whoever reads the mail need not be who registered. */
  readonly password: string;
  readonly username?: string | undefined;
}

/** Makes the account that a link was sent for, and signs it in. */
export type ConfirmRegistration = (
  confirmation: RegistrationConfirmation,
  caller?: Caller,
) => Promise<SignedIn>;

/**
 * Makes `confirmRegistration`: whoever read the mail has the address, and whoever knows the password has registered, so
 * the address is verified from the start. Where the password is another, or something is taken by now, nothing was
 * done, and the link works still.
 *
 * It throws SignInError `link_invalid` or `request_abandoned`, FieldsError (`field_invalid`, `username_taken`,
 * `email_taken` …), Refusal or AuthgraftError `hook_failed` from the application's hooks, ThrottledError
 * `too_many_requests`, OverloadedError `overloaded`, DatabaseError.
 */
export function createConfirmRegistration(context: AccountsContext): ConfirmRegistration {
  const { table, configuration, pool } = context;
  const fields = registrationFields(table, configuration.passwords);
  return ({ token, password, username }, caller = {}) =>
    countingGuesses(context, "register", caller, async () => {
      const error = username === undefined ? null : usernameError(username, fields.username);
      throwIfAny(error === null ? [] : [error]);
      const link = await readLink(pool, context, ["register"], token);
      const registrant = await unseal(context, link);
      if (!(await isChosen(context, { link, registrant, password }, caller))) {
        await noteFailure(context, caller);
        throw notThePassword();
      }
      return make(context, link, username === undefined ? registrant : { ...registrant, username }, caller);
    });
}

async function unseal({ sealedTexts }: AccountsContext, { email, detail }: Link): Promise<Registrant> {
  const text = typeof detail?.sealed === "string" ? await sealedTexts.open(detail.sealed) : null;
  if (text === null || email === null) throw linkInvalid();
  const sealed: SealedRegistration = JSON.parse(text);
  return { ...sealed, email, isEmailVerified: true };
}

interface Presented {
  readonly link: Link;
  readonly registrant: Registrant;
  readonly password: string;
}

/** Counted by the link: nobody who has none can keep its reader from trying. */
function isChosen(
  context: AccountsContext,
  { link, registrant, password }: Presented,
  caller: Caller,
): Promise<boolean> {
  const presented = { stored_hash: registrant.password_hash, password };
  return guessPassword(context, { account: `link ${link.id}` }, presented, caller);
}

async function noteFailure(context: AccountsContext, caller: Caller): Promise<void> {
  const failure = { event: "password_refused", result: "failure", actor: NOBODY, userId: null } as const;
  const detail = { reason: "wrong_password", purpose: "register" };
  await audit(context.pool, context, { ...failure, detail }, caller);
}

function notThePassword(): FieldsError {
  return new FieldsError({
    field: "password",
    code: "field_invalid",
    message: "This is not the password of the registration.",
  });
}

async function make(
  context: AccountsContext,
  link: Link,
  registrant: Registrant,
  caller: Caller,
): Promise<SignedIn> {
  const mint = await context.tokens.minter();
  return withTransaction(context.pool, async (client) => {
    await useLink(client, context, link);
    return createUser(client, context, registrant, mint, caller);
  }).catch(async (error: unknown) => {
    throw await explainRefusal(error, context, { ...registrant, what: "a registration" });
  });
}
