import { tableStep } from "../table-step.ts";
import { ONE_TIME_TOKENS } from "../tables.ts";

/**
 * Links that work once: to reset a password, to prove an address, to claim an account. None is counted as a loss: it
 * expires soon, leads to a server that is gone with the graft, and whoever needs one asks for another.
 */
export const oneTimeTokensStep = tableStep({
  id: "one-time-tokens",
  table: ONE_TIME_TOKENS,
  reason: "Whoever lost a password or claims an account proves who they are with a link that works once.",
});
