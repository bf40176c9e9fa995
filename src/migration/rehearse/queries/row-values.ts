import { randomBytes, randomInt, randomUUID } from "node:crypto";
import type { Queryable } from "../../../postgres/client.ts";
import { qualify, quoteIdentifier } from "../../../postgres/identifiers.ts";
import { tokenize } from "../../../postgres/sql-tokens.ts";
import type { Column, Relation } from "../../../users-table/relation.ts";

/** Values for a table's columns as text, by column; null is NULL. */
export interface RowValues {
  /** Those of one row that stands; empty where the table has none. */
  readonly standing: ReadonlyMap<string, string | null>;
  /** Those of a row that could be added: like the standing one, and new where they must be. */
  readonly fresh: ReadonlyMap<string, string | null>;
}

/** Reads the values of the first row, and makes up those of another. */
export async function readRowValues(client: Queryable, users: Relation): Promise<RowValues> {
  const table = qualify(users.schema, users.name);
  const standing = await readRow(client, users);
  const fresh = new Map(standing);
  const unique = uniqueColumns(users);
  for (const column of users.columns) {
    const current = standing.get(column.name);
    if (current !== undefined && !unique.has(column.name)) continue;
    if (current === null && !column.notNull) continue;
    fresh.set(column.name, await freshValue(client, table, column, current ?? null));
  }
  return { standing, fresh };
}

/** The values of one row as text: the one with this value in a column, or the first; empty where there is none. */
export async function readRow(
  client: Queryable,
  { schema, name, columns, ...users }: Relation,
  where?: { readonly column: string; readonly text: string },
): Promise<ReadonlyMap<string, string | null>> {
  const list = columns.map((column, place) => `${quoteIdentifier(column.name)}::text AS "c${place}"`);
  const condition = where === undefined ? "" : ` WHERE ${quoteIdentifier(where.column)}::text = $1`;
  const order = users.constraints.find(({ type }) => type === "p")?.columns.map(quoteIdentifier) ?? ["ctid"];
  const { rows } = await client.query<Record<string, string | null>>(
    `SELECT ${list.join(", ")} FROM ${qualify(schema, name)}${condition} ORDER BY ${order.join(", ")} LIMIT 1`,
    where === undefined ? [] : [where.text],
  );
  const [row] = rows;
  if (row === undefined) return new Map();
  return new Map(columns.map((column, place) => [column.name, row[`c${place}`] ?? null]));
}

/** One column of every unique index, the last, is enough to make a row another one. */
function uniqueColumns(users: Relation): ReadonlySet<string> {
  const names = users.indexes
    .filter(({ unique }) => unique)
    .map(({ columns, expressions }) => {
      const inExpression = tokenize(expressions ?? "").map((token) => token.text);
      const plain = columns.filter((name) => name !== null);
      return plain.at(-1) ?? users.columns.find(({ name }) => inExpression.includes(name))?.name;
    });
  return new Set(names.filter((name) => name !== undefined));
}

const NUMBERS: ReadonlySet<string> = new Set(["int2", "int4", "int8", "numeric", "float4", "float8"]);
const MOMENTS: ReadonlySet<string> = new Set(["timestamptz", "timestamp", "date"]);

async function freshValue(
  client: Queryable,
  table: string,
  { name, baseType, maximumLength }: Column,
  current: string | null,
): Promise<string | null> {
  if (baseType === "uuid") return randomUUID();
  if (NUMBERS.has(baseType)) {
    const { rows } = await client.query<{ next: string }>(
      `SELECT (coalesce(max(${quoteIdentifier(name)}), 0)::numeric + $1)::text AS next FROM ${table}`,
      [randomInt(1, baseType === "int2" ? 100 : 100_000)],
    );
    return rows[0]?.next ?? "1";
  }
  if (MOMENTS.has(baseType)) return current ?? new Date().toISOString();
  if (baseType === "bool") return current ?? "false";
  const text = `authgraft${randomBytes(6).toString("hex")}`;
  const address = current?.includes("@") ? `${text}@example.com` : text;
  return maximumLength === null ? address : address.slice(-maximumLength);
}
