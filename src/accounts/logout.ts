import { SignInError } from "../errors.ts";
import { withTransaction } from "../postgres/transaction.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { endSession, revokeToken } from "./revoke.ts";
import { undecided } from "./undecided.ts";
import { isNoSuchId } from "./users-table.ts";

/**
 * Makes `logout`: revokes the token that is presented and ends its session; other tokens of the same user
 * go on. Doing it again changes nothing. It throws SignInError `invalid_token` where the token is not one
 * of ours or has expired, DatabaseError.
 */
export function createLogout(context: AccountsContext): (token: string, caller?: Caller) => Promise<void> {
  return async (token, caller = {}) => {
    const claims = await context.tokens.verify(token);
    await withTransaction(context.pool, async (client) => {
      await revokeToken(client, context, claims);
      await endSession(client, context, claims.sessionId, { event: "logout", caller });
    }).catch((error: unknown) => {
      throw isNoSuchId(error)
        ? new SignInError("invalid_token", "The access token is not valid.", { cause: error })
        : undecided(error);
    });
  };
}
