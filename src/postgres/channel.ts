import { nameWithSuffix } from "./identifiers.ts";

/**
 * The channel on which the servers of one graft tell one another that something changed.
 *
 * @see https://www.postgresql.org/docs/current/sql-notify.html
 */
export function notificationChannel(schema: string): string {
  return nameWithSuffix(schema, "_authgraft");
}
