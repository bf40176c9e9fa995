import { SignInError } from "../errors.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";

/**
 * Does what somebody came with a link for. One that does not work is counted as a guess against their address; what
 * else goes wrong is none. A link that works is never kept waiting: 256 random bits are not guessed in any number of
 * attempts, and behind the same address may be somebody who tries.
 */
export async function countingGuesses<Result>(
  { throttle }: Pick<AccountsContext, "throttle">,
  { address }: Pick<Caller, "address">,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (isGuess(error)) (await throttle.guessSecret({ address })).failed();
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
