import { SignInError } from "../errors.ts";
import { withTransaction } from "../postgres/transaction.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { createUser, type Registrant } from "./create-user.ts";
import { findTaken } from "./duplicates.ts";
import { throwIfAny } from "./fields/field-error.ts";
import { findFieldErrors, type Registration, registrationFields } from "./fields/registration-fields.ts";
import { assertRegistrable } from "./insert-user.ts";
import { createAccountsPolicy } from "./password-policy.ts";
import { explainRefusal } from "./refused-values.ts";
import { sendVerification } from "./send-verification.ts";
import type { SignedIn } from "./signed-in.ts";

/** Makes an account with a password, and signs it in. */
export type Register = (registration: Registration, caller?: Caller) => Promise<SignedIn>;

/**
 * Makes `register`: a new row in the users table, a session for it, and the mail that asks whether the address is
 * theirs, all or nothing.
 *
 * It throws FieldsError (`field_invalid`, `password_common`, `email_taken` …), SignInError
 * `registration_closed` where the mode is not `open`, or `request_abandoned`, Refusal or AuthgraftError `hook_failed` from
 * the application's hooks, ThrottledError `too_many_requests`, OverloadedError `overloaded`, DatabaseError.
 *
 * @throws ConfigurationError `configuration_invalid` where nobody could register on this table.
 */
export function createRegister(context: AccountsContext): Register {
  const { pool, table, configuration, passwords, throttle } = context;
  if (configuration.registration.mode !== "open") return refuse;
  assertRegistrable(table, configuration.registration, passwords.hashLength);
  const fields = registrationFields(table, configuration.passwords);
  const policy = createAccountsPolicy(context);
  return async (registration, caller = {}) => {
    throwIfAny(await findFieldErrors(registration, fields, policy));
    // Counted from here on, whatever comes of it: it says who has an account.
    const admission = await throttle.register(caller);
    throwIfAny(await findTaken(pool, table, registration));
    // By address alone: there is no account yet that somebody could keep its owner out of.
    const { address, signal } = caller;
    const hashed = passwords.hash(registration.password, { address, signal });
    const password_hash = await hashed.catch(async (error: unknown) => {
      await admission.giveBack();
      throw error;
    });
    const { password: _, ...personal } = registration;
    return make(context, { ...personal, password_hash, isEmailVerified: false }, caller);
  };
}

async function refuse(): Promise<never> {
  throw new SignInError("registration_closed", "Registration is closed.");
}

async function make(context: AccountsContext, registrant: Registrant, caller: Caller): Promise<SignedIn> {
  const mint = await context.tokens.minter();
  const signedIn = await withTransaction(context.pool, async (client) => {
    const made = await createUser(client, context, registrant, mint, caller);
    await sendVerification(client, context, made.user, caller);
    return made;
  }).catch(async (error: unknown) => {
    throw await explainRefusal(error, context, { ...registrant, what: "a registration" });
  });
  context.mailer.wake();
  return signedIn;
}
