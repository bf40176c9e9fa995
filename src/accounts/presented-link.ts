import { SignInError } from "../errors.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";

/**
 * Does what somebody came with a link for. One that does not work is counted as a guess against their address; what
 * else goes wrong is none.
 */
export async function countingGuesses<Result>(
  { throttle }: Pick<AccountsContext, "throttle">,
  { address }: Pick<Caller, "address">,
  work: () => Promise<Result>,
): Promise<Result> {
  const admission = await throttle.guessSecret({ address });
  try {
    const result = await work();
    await admission.succeeded();
    return result;
  } catch (error) {
    if (isGuess(error)) admission.failed();
    else await admission.giveBack();
    throw error;
  }
}

function isGuess(error: unknown): boolean {
  return error instanceof SignInError && error.code === "link_invalid";
}

/** What is said of a link whose user, or whose address, has changed since: no more than of any other. */
export function linkOvertaken(): SignInError {
  return new SignInError(
    "link_invalid",
    "This link does not work: it was used, is too old, or is not whole.",
  );
}
