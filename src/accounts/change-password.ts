import { SignInError } from "../errors.ts";
import { withTransaction } from "../postgres/transaction.ts";
import type { AccessTokenClaims } from "../tokens/access-claims.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { findAccountById } from "./find-account.ts";
import { lockHolder } from "./lock-account.ts";
import { createNewPasswords } from "./new-password.ts";
import { isPassword, notYourPassword } from "./prove-it-is-you.ts";
import { explainRefusal } from "./refused-values.ts";
import { startSession } from "./sessions.ts";
import type { SignedIn } from "./signed-in.ts";
import { afterPassword, storePassword } from "./store-password.ts";
import { toUser } from "./user.ts";

/** The password there is, and the one there is to be. */
export interface PasswordChange {
  readonly current_password: string;
  readonly password: string;
}

/** Changes the password of whoever is signed in. */
export type ChangePassword = (
  holder: AccessTokenClaims,
  change: PasswordChange,
  caller?: Caller,
) => Promise<SignedIn>;

/** A login may renew the hash just now: the same password, stored anew. */
const ATTEMPTS = 3;

/**
 * Makes `changePassword`: every session ends, and who asked goes on in a new one. It throws FieldsError
 * (`field_invalid` about `current_password`, also where there is none; `password_common` …), SignInError
 * `invalid_token` or `request_abandoned`, Refusal or AuthgraftError `hook_failed` from the application's hook,
 * ThrottledError `too_many_requests`, OverloadedError `overloaded`, DatabaseError.
 */
export function createChangePassword(context: AccountsContext): ChangePassword {
  const passwords = createNewPasswords(context);
  return async (holder, { current_password, password }, caller = {}) => {
    await passwords.check(password, await findHolder(context, holder));
    let hash: string | undefined;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { stored_hash } = await findHolder(context, holder);
      const presented = { stored_hash, password: current_password };
      const isRight = await isPassword(context, holder, presented, caller);
      if (stored_hash === null || !isRight) break;
      hash ??= await passwords.hash(password, caller);
      const signedIn = await change(context, holder, { stored: stored_hash, hash }, caller);
      if (signedIn !== null) return signedIn;
    }
    throw notYourPassword("current_password");
  };
}

async function findHolder({ pool, table }: AccountsContext, { userId }: AccessTokenClaims) {
  const account = await findAccountById(pool, table, userId);
  if (account === null) throw new SignInError("invalid_token", "The access token is not valid.");
  return account;
}

interface Swap {
  readonly stored: string;
  readonly hash: string;
}

/** Null where another password, or another hash of it, stands there by now. */
async function change(
  context: AccountsContext,
  holder: AccessTokenClaims,
  { stored, hash }: Swap,
  caller: Caller,
): Promise<SignedIn | null> {
  const mint = await context.tokens.minter();
  const { sessionId } = holder;
  const signedIn = await withTransaction(context.pool, async (client) => {
    const user = await lockHolder(client, context, holder);
    const password = { user, hash, reason: "changed", replaces: { stored }, sessionId } as const;
    const generation = await storePassword(client, context, password, caller);
    if (generation === null) return null;
    const started = await startSession(client, context, mint, { userId: user.id, generation }, caller);
    if (started === null) throw new Error("the user was locked, and no session could be started");
    return { ...started, user: toUser(user) };
  }).catch(async (error: unknown) => {
    throw await explainRefusal(error, context, { what: "a new password" });
  });
  if (signedIn !== null) await afterPassword(context);
  return signedIn;
}
