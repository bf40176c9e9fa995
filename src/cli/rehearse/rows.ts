import { wrongUsage } from "./usage.ts";

/** How much of a live database is copied: all of it, the tables alone, or so many users with what belongs to them. */
export type Rows = "all" | "none" | number;

/** Enough for every gate to mean something, and a copy that is made in seconds. */
export const DEFAULT_ROWS = 10_000;

/** @throws ConfigurationError `usage_invalid`. */
export function parseRows(text: string): Rows {
  if (text === "all" || text === "none") return text;
  if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
  throw wrongUsage(
    `--rows is "${text}".`,
    "Say --rows all, --rows none, or a number of users above 0, such as --rows 10000.",
  );
}
