import type { DefaultGrantRow, Grant, GrantRow, OwnerRow } from "./definitions/ownership.ts";

/*
 * Owners and grants are set by the scratch server's own role, and the names of the objects come from the source as SQL
 * (`shop.near(integer, integer)`). Each has to be a name and nothing else, whoever wrote it.
 */
const NAME = String.raw`(?:[\p{L}_][\p{L}\p{N}_$]*|"(?:[^"]|"")*")`;
const ARGUMENTS = String.raw`\((?:"(?:[^"]|"")*"|[\p{L}\p{N}_$ .,\[\]])*\)`;
const OPERATOR = String.raw`[\-+*\/<>=~!@#%\^&\|\x60?]+`;
const OBJECT = new RegExp(String.raw`^${NAME}(?:\.${NAME}){0,2}(?:${ARGUMENTS})?$`, "u");
const OPERATOR_OBJECT = new RegExp(String.raw`^${NAME}\.(?![^(]*(?:--|\/\*))${OPERATOR}${ARGUMENTS}$`, "u");
const COLUMN = new RegExp(`^${NAME}$`, "u");

const OWNED: ReadonlySet<string> = new Set([
  "SCHEMA",
  "TABLE",
  "VIEW",
  "MATERIALIZED VIEW",
  "SEQUENCE",
  "FUNCTION",
  "PROCEDURE",
  "AGGREGATE",
  "TYPE",
  "COLLATION",
  "OPERATOR",
  "TEXT SEARCH DICTIONARY",
  "TEXT SEARCH CONFIGURATION",
  "STATISTICS",
  "PUBLICATION",
]);
const GRANTED: ReadonlySet<string> = new Set(["SCHEMA", "TABLE", "SEQUENCE", "ROUTINE", "TYPE"]);
const GRANTED_LATER: ReadonlySet<string> = new Set([
  "TABLES",
  "SEQUENCES",
  "ROUTINES",
  "TYPES",
  "SCHEMAS",
  "LARGE OBJECTS",
]);

/** Whether a statement that gives the object to its owner says that alone. */
export function isPlainOwner({ keyword, name }: OwnerRow): boolean {
  return OWNED.has(keyword) && (keyword === "OPERATOR" ? OPERATOR_OBJECT : OBJECT).test(name);
}

/** Whether statements that grant something on the object say that alone. */
export function isPlainGrant({ keyword, name, column, grants }: GrantRow): boolean {
  const isColumn = column === null || COLUMN.test(column);
  return GRANTED.has(keyword) && OBJECT.test(name) && isColumn && grants.every(isPlainList);
}

/** The same of what is granted on objects to come. */
export function isPlainDefaultGrant({ keyword, grants }: DefaultGrantRow): boolean {
  return GRANTED_LATER.has(keyword) && grants.every(isPlainList);
}

function isPlainList({ privileges }: Grant): boolean {
  return privileges.every((privilege) => /^[A-Z]+$/.test(privilege));
}
