import { tableStep } from "../table-step.ts";
import { SESSIONS } from "../tables.ts";

/** One login on one device. */
export const sessionsStep = tableStep({
  id: "sessions",
  table: SESSIONS,
  reason:
    "An application may have a table called sessions already, so this one stands in the graft's schema.",
  loss: { where: () => "ended_at IS NULL AND expires_at > now()", label: "open sessions" },
});
