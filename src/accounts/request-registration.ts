import { ConfigurationError, SignInError } from "../errors.ts";
import type { Queryable } from "../postgres/client.ts";
import { withTransaction } from "../postgres/transaction.ts";
import { audit, NOBODY } from "./audit.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import type { Registrant } from "./create-user.ts";
import { findTaken } from "./duplicates.ts";
import { throwIfAny } from "./fields/field-error.ts";
import { findFieldErrors, type Registration, registrationFields } from "./fields/registration-fields.ts";
import { assertRegistrable } from "./insert-user.ts";
import { linkTo } from "./link-pages.ts";
import { makeLink } from "./one-time-tokens.ts";
import { createAccountsPolicy } from "./password-policy.ts";
import { nameOf } from "./send-verification.ts";
import { type User, userFields } from "./user.ts";
import { hasEmail, isAlive } from "./users-table.ts";
import { mailboxOf } from "./verified-email.ts";

/** Asks for an account; what comes of it is for the reader of the address to know. */
export type RequestRegistration = (registration: Registration, caller?: Caller) => Promise<void>;

/** What waits, sealed, for the link to be used. */
export type SealedRegistration = Pick<Registrant, "username" | "display_name" | "password_hash">;

/**
 * Makes `requestRegistration`, for `registration: "private"`: whether the email has an account is not told. Known or
 * not, the password is checked and hashed, and the email is looked up after the answer. A username is not private: that it
 * is taken is said.
 *
 * It throws FieldsError (`field_invalid`, `password_common`, `username_taken` …), SignInError `registration_closed`
 * where the mode is another, or `request_abandoned`, ThrottledError `too_many_requests`, OverloadedError `overloaded`,
 * DatabaseError.
 *
 * @throws ConfigurationError `configuration_invalid` where nobody could register on this table, or no mail can be sent.
 */
export function createRequestRegistration(context: AccountsContext): RequestRegistration {
  const { pool, table, configuration, passwords, mailer, throttle, background } = context;
  if (configuration.registration.mode !== "private") return refuse;
  if (!mailer.isAvailable) throw withoutMail();
  assertRegistrable(table, configuration.registration, passwords.hashLength);
  const fields = registrationFields(table, configuration.passwords);
  const policy = createAccountsPolicy(context);
  return async (registration, caller = {}) => {
    const { email, username, display_name, password } = registration;
    throwIfAny(await findFieldErrors(registration, fields, policy));
    // Counted from here on, whatever comes of it: it says which usernames are taken.
    const admission = await throttle.register(caller);
    throwIfAny(await findTaken(pool, table, { username }));
    const { address, signal } = caller;
    await throttle.mail({ account: mailboxOf(email), address });
    const password_hash = await passwords
      .hash(password, { address, signal })
      .catch(async (error: unknown) => {
        await admission.giveBack();
        throw error;
      });
    background.run(() => answerByMail(context, { email, username, display_name, password_hash }, caller));
  };
}

async function refuse(): Promise<never> {
  throw new SignInError("registration_closed", "Registration is closed.");
}

function withoutMail(): ConfigurationError {
  return new ConfigurationError(
    "configuration_invalid",
    'registration: "private" needs a way to send mail.',
    {
      fix: 'Set mail.url and mail.from in the configuration, or registration: "open".',
    },
  );
}

async function answerByMail(
  context: AccountsContext,
  registrant: Omit<Registrant, "isEmailVerified">,
  caller: Caller,
): Promise<void> {
  // Sealing takes no transaction; done for known emails too, it tells nothing either.
  const sealed = await seal(context, registrant);
  await withTransaction(context.pool, async (client) => {
    const owners = await findOwners(client, context, registrant.email);
    if (owners.length === 0) await sendConfirmation(client, context, { ...registrant, sealed }, caller);
    for (const owner of owners) await tellOwner(client, context, owner, caller);
    const requested = {
      event: "registration_requested",
      userId: owners[0]?.id ?? null,
      actor: NOBODY,
    } as const;
    await audit(client, context, requested, caller);
  });
  context.mailer.wake();
}

function seal(
  { sealedTexts }: AccountsContext,
  { username, display_name, password_hash }: SealedRegistration,
): Promise<string> {
  return sealedTexts.seal(
    JSON.stringify({ username, display_name, password_hash } satisfies SealedRegistration),
  );
}

type Owner = User & { readonly may_sign_in: boolean };

/** Deleted ones and disabled ones too: their address is taken, and nothing is said to them. */
async function findOwners(
  client: Queryable,
  { table }: AccountsContext,
  email: string,
): Promise<readonly Owner[]> {
  const { rows } = await client.query<Owner>(
    `SELECT ${userFields(table, "from accounts")}, (${isAlive(table)}) AND a.disabled_at IS NULL AS may_sign_in
       FROM ${table.name} u LEFT JOIN ${table.accounts} a ON a.user_id = u.${table.id}
      WHERE ${hasEmail(table, 1)} LIMIT 1`,
    [email],
  );
  return rows;
}

async function tellOwner(
  client: Queryable,
  { mailer }: AccountsContext,
  owner: Owner,
  { language }: Caller,
): Promise<void> {
  if (!owner.may_sign_in || owner.email === null) return;
  const details = { name: nameOf(owner) };
  await mailer.enqueue(client, { kind: "register-exists", to: owner.email, language, details });
}

async function sendConfirmation(
  client: Queryable,
  context: AccountsContext,
  {
    email,
    sealed,
    ...person
  }: Pick<Registration, "email" | "username" | "display_name"> & { sealed: string },
  { language }: Caller,
): Promise<void> {
  const { configuration, mailer } = context;
  const lifetime = configuration.linkLifetimes.registerSeconds;
  const token = await makeLink(client, context, {
    ...{ purpose: "register", userId: null, email, lifetime },
    detail: { sealed },
  });
  const link = linkTo(configuration, "register", token);
  const details = { link, linkSeconds: lifetime, name: nameOf(person) };
  await mailer.enqueue(client, { kind: "register-confirm", to: email, language, details });
}
