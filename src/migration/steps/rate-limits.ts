import { tableStep } from "../table-step.ts";
import { RATE_LIMITS } from "../tables.ts";

/** Attempts within a time, counted for all servers together; begun anew, they are no loss. */
export const rateLimitsStep = tableStep({
  id: "rate-limits",
  table: RATE_LIMITS,
  reason: "Guessing passwords is slowed down by account, address and device, by all servers together.",
});
