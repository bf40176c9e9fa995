import type { TrafficReport } from "../../src/migration/rehearse/traffic/report.ts";

/** How often each statement failed, by SQLSTATE: `read 57014`. */
export function errorsOf({ errors }: TrafficReport): Readonly<Record<string, number>> {
  return Object.fromEntries(errors.map(({ statement, code, count }) => [`${statement} ${code}`, count]));
}
