import { tableStep } from "../table-step.ts";
import { REVOCATIONS } from "../tables.ts";

/** What every server follows. Whatever it says is said elsewhere too, and outlives no token: nothing is lost with it. */
export const revocationsStep = tableStep({
  id: "revocations",
  table: REVOCATIONS,
  reason: "Every server keeps what was revoked in memory, and follows this table to know of it at once.",
});
