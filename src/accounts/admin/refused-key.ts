import { SignInError } from "../../errors.ts";
import { audit, NOBODY } from "../audit.ts";
import type { Caller } from "../caller.ts";
import type { AccountsContext } from "../context.ts";
import { describeError } from "../describe-error.ts";

type Parts = Pick<AccountsContext, "pool" | "configuration" | "throttle" | "logger">;

/**
 * Makes `refusedKey`: counts that somebody came with a key that is not the administrators', and writes it down; past
 * the limit of their address they are told to wait, and nothing more is written. The right key is never kept waiting:
 * it is too long to be found by trying.
 *
 * It throws SignInError `too_many_requests`.
 */
export function createRefusedKey(parts: Parts): (caller: Caller) => Promise<void> {
  return async (caller) => {
    try {
      (await parts.throttle.guessSecret({ address: caller.address })).failed();
      await audit(
        parts.pool,
        parts,
        { event: "admin_key_refused", result: "failure", actor: NOBODY, userId: null },
        caller,
      );
    } catch (error) {
      if (error instanceof SignInError) throw error;
      parts.logger.warn(
        { error: describeError(error) },
        "a refused administrators' key could not be written down",
      );
    }
  };
}
