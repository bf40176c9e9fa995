import { tableStep } from "../table-step.ts";
import { ACCOUNTS } from "../tables.ts";

/** What Authgraft knows of a user beyond the users table. */
export const accountsStep = tableStep({
  id: "accounts",
  table: ACCOUNTS,
  reason:
    "Verified addresses, disabled accounts and token generations stand beside the users table, not in it.",
  loss: {
    where:
      "verified_email IS NOT NULL OR disabled_at IS NOT NULL OR token_generation <> 0 OR password_changed_at IS NOT NULL",
    label: "accounts with a state of their own (disabled, verified, or with tokens ended)",
  },
});
