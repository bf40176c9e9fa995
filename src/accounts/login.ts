import { SignInError } from "../errors.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { type Credentials, findAccount } from "./find-account.ts";
import { startSession } from "./sessions.ts";
import type { SignedIn } from "./signed-in.ts";
import { toUser } from "./user.ts";

/** Signs in with a password. */
export type Login = (credentials: Credentials, caller?: Caller) => Promise<SignedIn>;

/**
 * Makes `login`. Whatever is wrong (no such user, two of them, no password, the wrong one, deleted,
 * disabled) it throws the same SignInError `invalid_credentials` after the same work; OverloadedError
 * `overloaded`, SignInError `request_abandoned`, DatabaseError.
 */
export function createLogin(context: AccountsContext): Login {
  const { pool, table, tokens, passwords, renewals } = context;
  return async (credentials, caller = {}) => {
    const found = await findAccount(pool, table, credentials);
    // Whoever may not come in is verified against nothing: the right password must not be told by the time it takes.
    const account = found?.is_disabled === true ? null : found;
    const verification = await passwords.verify(account?.stored_hash ?? null, credentials.password, {
      address: caller.address,
      account: nameOf(credentials),
      signal: caller.signal,
    });
    if (account === null || verification === "no-match") throw refused();
    const subject = { userId: account.id, generation: account.generation };
    const started = await startSession(pool, context, await tokens.minter(), subject, caller);
    if (started === null) throw refused();
    if (verification === "match-outdated") renewals.renew(account, credentials.password);
    return { ...started, user: toUser(account) };
  };
}

/** By the name that was given, whether there is such a user or not: the queue must not tell either. */
function nameOf(credentials: Credentials): string {
  return "email" in credentials ? `email ${credentials.email.toLowerCase()}` : `name ${credentials.username}`;
}

function refused(): SignInError {
  return new SignInError("invalid_credentials", "Invalid credentials");
}
