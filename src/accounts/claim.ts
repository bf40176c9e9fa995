import { SignInError } from "../errors.ts";
import type { Queryable } from "../postgres/client.ts";
import { withTransaction } from "../postgres/transaction.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { findTaken } from "./duplicates.ts";
import { FieldsError, throwIfAny } from "./fields/field-error.ts";
import { emailError, registrationFields } from "./fields/registration-fields.ts";
import { type Account, findAccountById } from "./find-account.ts";
import { runHook } from "./hooks.ts";
import { lockAccount } from "./lock-account.ts";
import { createNewPasswords } from "./new-password.ts";
import { type Link, linkInvalid, readLink, useLink } from "./one-time-tokens.ts";
import { countingGuesses } from "./presented-link.ts";
import { explainRefusal } from "./refused-values.ts";
import { sendVerification } from "./send-verification.ts";
import { type Mint, startSession } from "./sessions.ts";
import type { SignedIn } from "./signed-in.ts";
import { afterPassword, storePassword } from "./store-password.ts";
import { toUser, type User } from "./user.ts";
import { isSameEmail } from "./verified-email.ts";

/** The link of an administrator, and by what its user is going to sign in. */
export interface ClaimRequest {
  readonly token: string;
  readonly password: string;
  /** Needed where the user has none. */
  readonly email?: string | undefined;
}

/** Gives a user who was there before the graft a password, and signs them in. */
export type Claim = (claim: ClaimRequest, caller?: Caller) => Promise<SignedIn>;

/** Whose account a link is for. */
export interface Claimable {
  /** Null where the table has no usernames. */
  readonly username: string | null;
  readonly email: string | null;
  readonly needs_email: boolean;
}

/** Looks whose account a link is for, and does not use it up. */
export type CheckClaim = (token: string, caller?: Caller) => Promise<Claimable>;

/**
 * Makes `checkClaim`. It throws SignInError `link_invalid` or `already_claimed`, ThrottledError `too_many_requests`,
 * DatabaseError.
 */
export function createCheckClaim(context: AccountsContext): CheckClaim {
  return (token, caller = {}) =>
    countingGuesses(context, "claim", caller, async () => {
      const { owner } = await findOwner(context, token);
      return { username: owner.username ?? null, email: owner.email, needs_email: owner.email === null };
    });
}

/**
 * Makes `claim`: the password, the email that was given, and a session, all of them or none. The email is not
 * verified by it; a mail asks for that. It throws SignInError `link_invalid`, `already_claimed` or
 * `request_abandoned`, FieldsError (`field_required`, `email_taken`, `password_common` …), Refusal or AuthgraftError
 * `hook_failed` from the application's hooks, ThrottledError `too_many_requests`, OverloadedError `overloaded`,
 * DatabaseError.
 */
export function createClaim(context: AccountsContext): Claim {
  const passwords = createNewPasswords(context);
  return async (request, caller = {}) => {
    const signedIn = await countingGuesses(context, "claim", caller, async () => {
      const { link, owner } = await findOwner(context, request.token);
      const email = await newEmail(context, owner, request.email);
      await passwords.check(request.password, { ...owner, email: email ?? owner.email });
      const hash = await passwords.hash(request.password, caller);
      return take(context, { link, hash, email }, caller);
    });
    await afterPassword(context);
    return signedIn;
  };
}

async function findOwner(
  context: AccountsContext,
  token: string,
): Promise<{ readonly link: Link; readonly owner: Account }> {
  const link = await readLink(context.pool, context, ["claim"], token);
  const owner = await findAccountById(context.pool, context.table, link.user_id ?? "");
  if (owner === null || owner.is_disabled) throw linkInvalid();
  if (owner.stored_hash !== null && owner.stored_hash !== "") throw alreadyClaimed();
  return { link, owner };
}

function alreadyClaimed(): SignInError {
  return new SignInError("already_claimed", "This account has a password already.");
}

/** The address that is going to be stored; undefined where the one there is stays. */
async function newEmail(
  { pool, table, configuration }: AccountsContext,
  { id, email: current }: User,
  given: string | undefined,
): Promise<string | undefined> {
  if (given === undefined) {
    if (current !== null) return undefined;
    throw new FieldsError({
      field: "email",
      code: "field_required",
      message: "The field email is missing.",
    });
  }
  const error = emailError(given, registrationFields(table, configuration.passwords).email);
  if (error !== null) throw new FieldsError(error);
  if (isSameEmail(given, current)) return undefined;
  throwIfAny(await findTaken(pool, table, { email: given }, id));
  return given;
}

interface Taking {
  readonly link: Link;
  readonly hash: string;
  readonly email: string | undefined;
}

async function take(context: AccountsContext, taking: Taking, caller: Caller): Promise<SignedIn> {
  const { link, hash, email } = taking;
  const mint = await context.tokens.minter();
  const id = link.user_id ?? "";
  return withTransaction(context.pool, async (client) => {
    const lock = email === undefined ? "FOR NO KEY UPDATE" : "FOR UPDATE";
    const before = await lockAccount(client, context, id, lock);
    await useLink(client, context, link);
    if (before === null) throw linkInvalid();
    const password = { user: before, hash, email, reason: "claimed", replaces: "nothing" } as const;
    const generation = await storePassword(client, context, password, caller);
    if (generation === null) throw alreadyClaimed();
    return finish(client, context, { before, email, generation, mint }, caller);
  }).catch(async (error: unknown) => {
    throw await explainRefusal(error, context, {
      id,
      what: "a claim",
      ...(email === undefined ? {} : { email }),
    });
  });
}

interface Claimed {
  readonly before: User;
  readonly email: string | undefined;
  readonly generation: number;
  readonly mint: Mint;
}

async function finish(
  client: Queryable,
  context: AccountsContext,
  { before, email, generation, mint }: Claimed,
  caller: Caller,
): Promise<SignedIn> {
  const unverified = { ...toUser(before), email_verified: false };
  const user = email === undefined ? toUser(before) : { ...unverified, email };
  await runHook(client, context, "onClaim", { user }, caller);
  if (email !== undefined) {
    await runHook(client, context, "onEmailChange", { user, previous: before.email }, caller);
  }
  const started = await startSession(client, context, mint, { userId: user.id, generation }, caller);
  if (started === null) throw new Error("the user was locked, and no session could be started");
  await runHook(client, context, "onLogin", { user, method: "claim" }, caller);
  if (!user.email_verified) await sendVerification(client, context, user, caller);
  return { ...started, user };
}
