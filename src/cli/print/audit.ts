import { plural, type Terminal } from "../terminal.ts";

/** How many events were deleted. */
export function printAuditPurged(rows: number, days: number, terminal: Terminal): string {
  const age = `older than ${plural(days, "day")}`;
  if (rows === 0) return `Nothing to purge: the audit log holds nothing ${age}.`;
  return terminal.style("green", `Done: deleted ${plural(rows, "event")} ${age} from the audit log.`);
}
