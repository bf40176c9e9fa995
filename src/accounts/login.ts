import { SignInError } from "../errors.ts";
import type { AccountsContext } from "./context.ts";
import { type Credentials, findAccount } from "./find-account.ts";
import { renewHash } from "./renew-hash.ts";
import { startSession } from "./sessions.ts";
import type { SignedIn } from "./signed-in.ts";
import { toUser } from "./user.ts";

/**
 * Makes `login`. Whatever is wrong (no such user, two of them, no password, the wrong one, deleted,
 * disabled) it throws the same SignInError `invalid_credentials` after the same work; `overloaded`,
 * DatabaseError.
 */
export function createLogin(context: AccountsContext): (credentials: Credentials) => Promise<SignedIn> {
  const { pool, table, tokens, passwords } = context;
  return async (credentials) => {
    const account = await findAccount(pool, table, credentials);
    const verification = await passwords.verify(account?.stored_hash ?? null, credentials.password);
    if (account === null || account.is_disabled || verification === "no-match") throw refused();
    if (verification === "match-outdated") await renewHash(context, account, credentials.password);
    const subject = { userId: account.id, generation: account.generation };
    const minted = await startSession(pool, table, await tokens.minter(), subject);
    if (minted === null) throw refused();
    return { token: minted.token, user: toUser(account) };
  };
}

function refused(): SignInError {
  return new SignInError("invalid_credentials", "Invalid credentials");
}
