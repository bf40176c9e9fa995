import type { Attempt } from "../throttling/throttle.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";

/** A password that somebody presents, and what it has to match; nothing matches null. */
export interface PresentedPassword {
  readonly stored_hash: string | null;
  readonly password: string;
}

/**
 * Whether a password is the one that is stored: counted before it is looked at, forgotten when it is right, and given
 * back where it could not be looked at.
 *
 * @throws ThrottledError `too_many_requests`; OverloadedError `overloaded`; SignInError `request_abandoned`.
 */
export async function guessPassword(
  { passwords, throttle }: Pick<AccountsContext, "passwords" | "throttle">,
  { account, device }: Pick<Attempt, "device"> & { readonly account: string },
  { stored_hash, password }: PresentedPassword,
  { address, signal }: Caller,
): Promise<boolean> {
  const admission = await throttle.guess({ account, address, device });
  try {
    const isMatch =
      (await passwords.verify(stored_hash, password, { address, account, signal })) !== "no-match";
    if (isMatch) await admission.succeeded();
    else admission.failed();
    return isMatch;
  } catch (error) {
    await admission.giveBack();
    throw error;
  }
}
