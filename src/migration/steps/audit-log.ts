import { tableStep } from "../table-step.ts";
import { AUDIT_LOG } from "../tables.ts";

/** What happened to accounts and sessions; without a foreign key, because it outlives the user. */
export const auditLogStep = tableStep({
  id: "audit-log",
  table: AUDIT_LOG,
  reason: "A stolen refresh token that is used again must be found out about later, too.",
  // That a migration was run stands in the journal as well, and is lost with every `down`.
  loss: {
    where: () => "event NOT IN ('migration_up', 'migration_down')",
    label: "entries in the audit log",
  },
});
