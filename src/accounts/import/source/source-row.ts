import { BAD_BYTES } from "./decode-text.ts";
import type { Role } from "./roles.ts";

/** Why a row does not fit. `reason` never repeats a value. */
export interface Fault {
  readonly field: Role | "row";
  readonly reason: string;
}

/** What a row says, as text; empty texts are left out. */
export type SourceValues = { [Part in Role]?: string };

/** A row as it was read: its number, and its values or why it could not be read. */
export interface SourceRow {
  /** As a person counts them: rows of a CSV with the header as 1, lines, elements of a list from 1. */
  readonly row: number;
  readonly values: SourceValues;
  readonly fault: Fault | null;
}

/** Rows as they come, many at a time. */
export type SourceRows = AsyncIterable<readonly SourceRow[]>;

/** What one JSON object of a file says; a fault where that cannot be told. */
export type ReadRecord = (record: JsonRecord) => SourceValues | Fault;

export type JsonRecord = Readonly<Record<string, unknown>>;

export function isFault(read: SourceValues | Fault): read is Fault {
  return "reason" in read;
}

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The member of that name that the object itself has. */
export function member(record: JsonRecord, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** A row in characters: longer than any user is, and bounded so that a missing quote cannot fill the memory. */
export const LONGEST_ROW = 65_536;

export const TOO_LONG: Fault = {
  field: "row",
  reason: `The row is longer than ${LONGEST_ROW.toLocaleString("en")} characters.`,
};

const NO_UTF8: Fault = { field: "row", reason: "It has bytes that are not UTF-8." };
const HAS_NUL: Fault = { field: "row", reason: "It has a NUL character, which PostgreSQL cannot store." };

/** What is wrong with the characters of a text; null where nothing is. */
export function faultOfBytes(text: string): Fault | null {
  if (text.includes(BAD_BYTES)) return NO_UTF8;
  return text.includes("\0") ? HAS_NUL : null;
}

/**
 * A JSON value as text: null and missing become undefined.
 *
 * @throws RangeError for a number that JSON readers round, and for objects and lists.
 */
export function jsonText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  if (
    typeof value === "number" &&
    (Number.isSafeInteger(value) || !Number.isInteger(value)) &&
    Number.isFinite(value)
  ) {
    return String(value);
  }
  throw new RangeError(
    typeof value === "number"
      ? "A number is too large to be read exactly; it must be written as a text."
      : "An object or a list stands where a text must be.",
  );
}

/** Collects values, each for its role; the first that is no text is the fault of the row. */
export function collect(parts: readonly (readonly [Role, unknown])[]): SourceValues | Fault {
  const values: SourceValues = {};
  for (const [role, value] of parts) {
    try {
      const text = jsonText(value);
      if (text !== undefined && text !== "") values[role] = text;
    } catch (error) {
      return { field: role, reason: error instanceof Error ? error.message : "It cannot be read." };
    }
  }
  return values;
}
