import { createPasswordPolicy, type PasswordPolicy } from "../passwords/policy.ts";
import type { AccountsContext } from "./context.ts";

/** The policy for new passwords. A look-up of breached passwords that failed lets the password through, and is logged. */
export function createAccountsPolicy({
  configuration,
  logger,
  observeBreachCheck,
}: Pick<AccountsContext, "configuration" | "logger" | "observeBreachCheck">): PasswordPolicy {
  return createPasswordPolicy(configuration.passwords, (outcome, reason) => {
    observeBreachCheck?.(outcome, reason);
    if (outcome === "unavailable") {
      logger.warn({ reason }, "whether a new password is breached could not be looked up; it was accepted");
    }
  });
}
