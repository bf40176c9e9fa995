import { SignInError } from "../errors.ts";
import { audit, NOBODY } from "./audit.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import type { LinkPurpose } from "./one-time-tokens.ts";

/**
 * Does what somebody came with a link for. One that does not work is counted as a guess against their address, and
 * written down unless there were too many; what else goes wrong is none. A link that works is never kept waiting: 256
 * random bits are not guessed in any number of attempts, and behind the same address may be somebody who tries.
 */
export async function countingGuesses<Result>(
  context: Pick<AccountsContext, "throttle" | "pool" | "configuration">,
  purpose: LinkPurpose | "change_email",
  caller: Caller,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (isGuess(error)) await noteGuess(context, purpose, caller);
    throw error;
  }
}

/** Whose link it may have been is not written down: whoever guesses names nobody. */
async function noteGuess(
  context: Pick<AccountsContext, "throttle" | "pool" | "configuration">,
  purpose: LinkPurpose | "change_email",
  caller: Caller,
): Promise<void> {
  (await context.throttle.guessSecret({ address: caller.address })).failed();
  const failure = { event: "link_refused", result: "failure", actor: NOBODY, userId: null } as const;
  await audit(context.pool, context, { ...failure, detail: { reason: "link_invalid", purpose } }, caller);
}

function isGuess(error: unknown): boolean {
  return error instanceof SignInError && error.code === "link_invalid";
}
