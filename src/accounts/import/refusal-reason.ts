import { sqlState, violatedConstraint } from "../../postgres/sqlstate.ts";
import type { Fault } from "./source/source-row.ts";

/** What PostgreSQL says about one row, and not about the whole: classes 22, 23 and 44, and what triggers raise. */
export function isAboutRow(error: unknown): boolean {
  return /^(?:22|23|44|P0001)/.test(sqlState(error) ?? "");
}

/** Why PostgreSQL refuses a row: which of the application's rules it is. Its own words may repeat the row's values. */
export function refusalReason(error: unknown): Fault {
  const state = sqlState(error) ?? "";
  const name = violatedConstraint(error);
  const rule = name === undefined ? "" : ` "${name}"`;
  const column = columnOf(error);
  return { field: "row", reason: `${words(state, rule, column)} (${state})` };
}

function words(state: string, rule: string, column: string): string {
  switch (state) {
    case "23505":
      return `Somebody else has what must be unique: the index${rule}`;
    case "23503":
      return `The application's foreign key${rule} refuses it`;
    case "23502":
      return `The column${column} must have a value`;
    case "23514":
      return `The application's CHECK${rule} refuses it`;
    case "23P01":
      return `The application's exclusion constraint${rule} refuses it`;
    case "P0001":
      return "A trigger of the application refuses it";
    default:
      return `PostgreSQL refuses one of its values${column}`;
  }
}

function columnOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("column" in error)) return "";
  return typeof error.column === "string" ? ` "${error.column}"` : "";
}
