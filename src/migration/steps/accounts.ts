import { tableStep } from "../table-step.ts";
import { ACCOUNTS } from "../tables.ts";

/** When a row says more than that there is an account. */
const STATES = [
  ["verified_email", "IS NOT NULL"],
  ["disabled_at", "IS NOT NULL"],
  ["closed_at", "IS NOT NULL"],
  ["token_generation", "<> 0"],
  ["password_changed_at", "IS NOT NULL"],
] as const;

/** What Authgraft knows of a user beyond the users table. */
export const accountsStep = tableStep({
  id: "accounts",
  table: ACCOUNTS,
  reason:
    "Verified addresses, disabled accounts and token generations stand beside the users table, not in it.",
  loss: {
    where: (columns) =>
      STATES.filter(([column]) => columns.includes(column))
        .map(([column, holds]) => `${column} ${holds}`)
        .join(" OR "),
    label: "accounts with a state of their own (disabled, closed, verified, or with tokens ended)",
  },
});
