import { withTransaction } from "../postgres/transaction.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { createUser, type Registrant } from "./create-user.ts";
import { throwIfAny } from "./fields/field-error.ts";
import { registrationFields, usernameError } from "./fields/registration-fields.ts";
import { type Link, readLink, useLink } from "./one-time-tokens.ts";
import { countingGuesses, linkOvertaken } from "./presented-link.ts";
import { explainRefusal } from "./refused-values.ts";
import type { SealedRegistration } from "./request-registration.ts";
import type { SignedIn } from "./signed-in.ts";

/** The link of a registration, and another username where the first was taken meanwhile. */
export interface RegistrationConfirmation {
  readonly token: string;
  readonly username?: string | undefined;
}

/** Makes the account that a link was sent for, and signs it in. */
export type ConfirmRegistration = (
  confirmation: RegistrationConfirmation,
  caller?: Caller,
) => Promise<SignedIn>;

/**
 * Makes `confirmRegistration`: whoever read the mail has the address, so it is verified from the start. Where something
 * is taken by now nothing was done, and the link works still.
 *
 * It throws SignInError `link_invalid`, FieldsError (`field_invalid`, `username_taken`, `email_taken` …), Refusal or
 * AuthgraftError `hook_failed` from the application's hooks, ThrottledError `too_many_requests`, DatabaseError.
 */
export function createConfirmRegistration(context: AccountsContext): ConfirmRegistration {
  const { table, configuration, pool } = context;
  const fields = registrationFields(table, configuration.passwords);
  return ({ token, username }, caller = {}) =>
    countingGuesses(context, "register", caller, async () => {
      const error = username === undefined ? null : usernameError(username, fields.username);
      throwIfAny(error === null ? [] : [error]);
      const link = await readLink(pool, context, ["register"], token);
      const registrant = await unseal(context, link);
      return make(context, link, username === undefined ? registrant : { ...registrant, username }, caller);
    });
}

async function unseal({ sealedTexts }: AccountsContext, { email, detail }: Link): Promise<Registrant> {
  const text = typeof detail?.sealed === "string" ? await sealedTexts.open(detail.sealed) : null;
  if (text === null || email === null) throw linkOvertaken();
  const sealed: SealedRegistration = JSON.parse(text);
  return { ...sealed, email, isEmailVerified: true };
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
