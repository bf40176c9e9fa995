import { SqlState, sqlState, violatedConstraint } from "../../postgres/sqlstate.ts";
import type { Fault } from "./source/source-row.ts";

/** What PostgreSQL raises for the values of a row: data, constraints, views, limits such as an index entry's, PL/pgSQL. */
const ABOUT_VALUES = /^(?:22|23|44|54|P0)/;

/** Connections, transactions that collide, resources, an operator who ends them, the system: any row could meet them. */
const ABOUT_ALL = /^(?:08|40|53|57|58)/;

/**
 * What PostgreSQL says about one row, and not about the whole. A trigger may raise whatever SQLSTATE it likes, so
 * what comes out of a function counts as the row's too.
 */
export function isAboutRow(error: unknown): boolean {
  const state = sqlState(error) ?? "";
  if (state === "" || state === SqlState.lockNotAvailable || ABOUT_ALL.test(state)) return false;
  return ABOUT_VALUES.test(state) || comesFromFunction(error);
}

/** Whether the words of an error may repeat values of a row: its message is then nobody's to print. */
export function mayRepeatValues(error: unknown): boolean {
  return ABOUT_VALUES.test(sqlState(error) ?? "") || comesFromFunction(error);
}

/** The context of an error is the stack of the functions that it came from. @see https://www.postgresql.org/docs/current/protocol-error-fields.html */
function comesFromFunction(error: unknown): boolean {
  return typeof error === "object" && error !== null && "where" in error && typeof error.where === "string";
}

/** Why PostgreSQL refuses a row: which of the application's rules it is. Its own words may repeat the row's values. */
export function refusalReason(error: unknown): Fault {
  const state = sqlState(error) ?? "";
  const name = violatedConstraint(error);
  const rule = name === undefined ? "" : ` "${name}"`;
  const column = columnOf(error);
  return { field: "row", reason: `${words(state, rule, column, comesFromFunction(error))} (${state})` };
}

function words(state: string, rule: string, column: string, isRaised: boolean): string {
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
      return isRaised && !/^2[23]/.test(state)
        ? `A trigger of the application${rule} refuses it`
        : `PostgreSQL refuses one of its values${column}`;
  }
}

function columnOf(error: unknown): string {
  if (typeof error !== "object" || error === null || !("column" in error)) return "";
  return typeof error.column === "string" ? ` "${error.column}"` : "";
}
