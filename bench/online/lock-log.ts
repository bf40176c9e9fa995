import type { LoggedWaits } from "./results.ts";
import { TRAFFIC } from "./roles.ts";

/**
 * Reads `log_lock_waits` lines: the application's waits for a table that lasted longer than its deadlock_timeout,
 * which is the lock budget. Nothing is missed between two looks here.
 *
 * @see https://www.postgresql.org/docs/current/runtime-config-logging.html#GUC-LOG-LOCK-WAITS
 */
export function loggedWaits(log: string): LoggedWaits {
  const lines = log
    .split("\n")
    .filter((line) => line.includes(`] ${TRAFFIC} LOG:`) && line.includes("on relation"));
  const waits = lines.filter((line) => line.includes("still waiting for"));
  const milliseconds = lines.map((line) => Number(/after ([\d.]+) ms/.exec(line)?.[1] ?? 0));
  return { count: waits.length, longest: Math.max(0, ...milliseconds) };
}
