import { SignInError } from "../errors.ts";
import { withTransaction } from "../postgres/transaction.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import type { Identity } from "./current-user.ts";
import { lockHolder } from "./lock-account.ts";
import { createNewPasswords } from "./new-password.ts";
import { notRecent, readProofs } from "./prove-it-is-you.ts";
import { explainRefusal } from "./refused-values.ts";
import { afterPassword, storePassword } from "./store-password.ts";

/** Gives whoever is signed in, and has no password, their first. */
export type SetFirstPassword = (holder: Identity, password: string, caller?: Caller) => Promise<void>;

/**
 * Makes `setFirstPassword`: for who came by another way in, not longer ago than `sessions.recentSeconds`. The session
 * that asks goes on, and all others end. It throws SignInError `password_exists`, `recent_login_required`,
 * `invalid_token` or `request_abandoned`, FieldsError (`password_common` …), Refusal or AuthgraftError `hook_failed`
 * from the application's hook, OverloadedError `overloaded`, DatabaseError.
 */
export function createSetFirstPassword(context: AccountsContext): SetFirstPassword {
  const passwords = createNewPasswords(context);
  return async ({ claims, user }, password, caller = {}) => {
    const { stored_hash, is_recent } = await readProofs(context, claims);
    if (stored_hash !== null) throw passwordExists();
    if (!is_recent) throw notRecent();
    await passwords.check(password, user);
    await store(context, claims, await passwords.hash(password, caller), caller);
    await afterPassword(context);
  };
}

async function store(
  context: AccountsContext,
  claims: Identity["claims"],
  hash: string,
  caller: Caller,
): Promise<void> {
  const { sessionId } = claims;
  await withTransaction(context.pool, async (client) => {
    const user = await lockHolder(client, context, claims);
    const kept = { sessionId, keepsSession: true };
    const password = { user, hash, reason: "set", replaces: "nothing", ...kept } as const;
    if ((await storePassword(client, context, password, caller)) === null) throw passwordExists();
  }).catch(async (error: unknown) => {
    throw await explainRefusal(error, context, { what: "a new password" });
  });
}

function passwordExists(): SignInError {
  return new SignInError("password_exists", "There is a password; change it instead.");
}
