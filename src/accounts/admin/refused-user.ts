import type { Caller } from "../caller.ts";
import type { AccountsContext } from "../context.ts";
import type { Identity } from "../current-user.ts";
import { noteRefusal } from "../note-refusal.ts";

type Parts = Pick<AccountsContext, "pool" | "configuration" | "throttle" | "logger">;

/** Writes down that a user who is no administrator came where only those may. */
export type RefusedUser = (identity: Pick<Identity, "claims">, caller: Caller) => Promise<void>;

/** Makes `refusedUser`. It throws nothing. */
export function createRefusedUser(parts: Parts): RefusedUser {
  return async ({ claims: { userId, sessionId } }, caller) => {
    const detail = { reason: "no_administrator" };
    await noteRefusal(parts, userId, { event: "admin_refused", userId, sessionId, detail }, caller);
  };
}
