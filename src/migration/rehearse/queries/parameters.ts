import { randomUUID } from "node:crypto";
import { quoteLiteral } from "../../../postgres/identifiers.ts";
import { type Token, tokenize } from "../../../postgres/sql-tokens.ts";
import { isName, isSign, isWord, words } from "../../findings/functions/statement.ts";
import { isNumbered } from "./placeholders.ts";
import { type NamedTable, tableWith } from "./tables.ts";

/** What is known of a parameter: the column it is compared with or written to, where there is one. */
export interface Parameter {
  /** As PostgreSQL inferred it. */
  readonly type: string;
  readonly source: { readonly table: NamedTable; readonly column: string; readonly isNew: boolean } | null;
}

/** Words that stand between a column and the value it is compared with. */
const BETWEEN = words("any all in not like ilike is distinct from between symmetric similar to lower upper");

/** Words at which the comparison has begun. */
const EDGES = words(
  "where and or on select values set limit offset returning when then else case having by join using as",
);

/** Finds for each parameter, in order, where its value can come from. */
export function findSources(
  sql: string,
  types: readonly string[],
  tables: readonly NamedTable[],
): Parameter[] {
  const tokens = tokenize(sql);
  return types.map((type, place) => {
    const index = tokens.findIndex((token) => isNumbered(token) && token.text === `$${place + 1}`);
    return { type, source: index < 0 ? null : sourceOf(tokens, index, tables) };
  });
}

function sourceOf(
  tokens: readonly Token[],
  index: number,
  tables: readonly NamedTable[],
): Parameter["source"] {
  const inserted = insertedColumn(tokens, index);
  const [first] = tables;
  if (inserted !== null) {
    if (first === undefined) return null;
    return { table: first, column: inserted, isNew: true };
  }
  return columnAt(tokens, before(tokens, index), tables) ?? columnAt(tokens, after(tokens, index), tables);
}

function columnAt(
  tokens: readonly Token[],
  index: number | null,
  tables: readonly NamedTable[],
): Parameter["source"] {
  const name = index === null ? undefined : tokens[index];
  if (index === null || name === undefined) return null;
  const qualified = isSign(tokens[index - 1], ".") ? tokens[index - 2]?.text : undefined;
  const table = tableWith(tables, name.text, qualified ?? null);
  return table === undefined ? null : { table, column: name.text, isNew: false };
}

/** The name nearest before a parameter within the same comparison: `email` of `lower(email) = lower($1)`. */
function before(tokens: readonly Token[], index: number): number | null {
  for (let place = index - 1; place >= 0; place--) {
    const token = tokens[place];
    if (token?.kind === "word" && EDGES.has(token.text)) return null;
    const isFunction = isSign(tokens[place + 1], "(");
    if (isName(token) && !isFunction && !(token.kind === "word" && BETWEEN.has(token.text))) return place;
  }
  return null;
}

/** `$1 = email`: behind the parameter's cast and an operator. */
function after(tokens: readonly Token[], index: number): number | null {
  let place = index + 1;
  while (isSign(tokens[place], ")")) place++;
  if (tokens[place]?.kind !== "sign" || isSign(tokens[place], ",")) return null;
  while (tokens[place]?.kind === "sign") place++;
  const last = isSign(tokens[place + 1], ".") ? place + 2 : place;
  const token = tokens[last];
  return isName(token) && !(token.kind === "word" && EDGES.has(token.text)) ? last : null;
}

/** The column that a parameter in VALUES of an INSERT goes to, by its place. */
function insertedColumn(tokens: readonly Token[], index: number): string | null {
  const values = tokens.findIndex((token) => isWord(token, "values"));
  const insert = tokens.findIndex((token) => isWord(token, "insert"));
  if (insert < 0 || values < 0 || index < values) return null;
  const open = tokens.findIndex((token, place) => place > insert && isSign(token, "("));
  if (open < 0 || open > values) return null;
  const columns = tokens.slice(open + 1, values).filter(isName);
  const item = itemNumber(tokens, values, index);
  return item === null ? null : (columns[item]?.text ?? null);
}

/** The place in its row of VALUES, counted over the commas outside inner parentheses. */
function itemNumber(tokens: readonly Token[], values: number, index: number): number | null {
  let depth = 0;
  let item = 0;
  for (let place = values + 1; place < index; place++) {
    const token = tokens[place];
    if (isSign(token, "(") && ++depth === 1) item = 0;
    else if (isSign(token, ")")) depth--;
    else if (isSign(token, ",") && depth === 1) item++;
    else if (depth === 0 && token?.kind === "word") return null;
  }
  return depth === 0 ? null : item;
}

/** Where else values may come from than the row that stands: another row's, by column; for the users table only. */
export interface OtherRow {
  readonly oid: string;
  readonly values: ReadonlyMap<string, string | null>;
}

/** The values as SQL, each with its type. */
export function argumentList(parameters: readonly Parameter[], other: OtherRow | null = null): string {
  return parameters.map((parameter) => argument(parameter, other)).join(", ");
}

function argument({ type, source }: Parameter, other: OtherRow | null): string {
  const value = source === null ? undefined : knownValue(source, other);
  if (value === undefined) return `${defaultOf(type)}::${type}`;
  if (value === null) return `NULL::${type}`;
  return type.endsWith("[]") && !value.startsWith("{")
    ? `ARRAY[${quoteLiteral(value)}]::${type}`
    : `${quoteLiteral(value)}::${type}`;
}

function knownValue(
  { table, column, isNew }: NonNullable<Parameter["source"]>,
  other: OtherRow | null,
): string | null | undefined {
  const { standing, fresh } = table.values;
  if (isNew) return fresh.get(column);
  // All of one row: a NULL of the other's beside what is unique of the standing one's would make a third.
  return other?.oid === table.oid && other.values.has(column)
    ? other.values.get(column)
    : standing.get(column);
}

/** Values for what compares with nothing that is known. */
function defaultOf(type: string): string {
  if (type.endsWith("[]")) return "'{}'";
  if (/^(smallint|integer|bigint|numeric|real|double precision)/.test(type)) return "'1'";
  if (/^(text|character varying|character|citext|name)/.test(type)) return "'authgraft'";
  if (type.startsWith("timestamp") || type === "date") return "'now'";
  if (type === "boolean") return "'true'";
  if (type === "uuid") return quoteLiteral(randomUUID());
  if (type === "interval") return "'1 day'";
  return type === "json" || type === "jsonb" ? "'{}'" : "NULL";
}
