import { quoteLiteral } from "../../../../postgres/identifiers.ts";
import type { KeyColumn } from "./foreign-keys.ts";
import { fromTable, type RowTable } from "./row-tables.ts";

/** Of the users there are so many at each end of the key: the oldest and the newest accounts. */
const AT_EACH_END = 5;

/** Up to so many rows, or so many times what is wanted, a table is read whole: a count may be old. */
const SMALL = 100_000;
const SPARSE = 4;

/** The table's rows, all of them. */
export function allRows(table: RowTable): string {
  return `SELECT ${table.columns.join(", ")} FROM ${fromTable(table)}`;
}

/** The first rows PostgreSQL comes upon. */
export function someRows(table: RowTable, most: number): string {
  return `${allRows(table)} LIMIT ${most}`;
}

/**
 * Rows from all over a table, the same each time; with a primary key, the first and the last among them. A
 * row is known by where it stands, so that it comes once and needs no key.
 */
export function spreadRows(table: RowTable, count: number): string {
  const from = fromTable(table);
  const share =
    table.estimate > Math.max(SMALL, SPARSE * count) ? (150 * count + 2_000) / table.estimate : 100;
  const ends = endsOf(table, Math.min(AT_EACH_END, Math.ceil(count / 4)));
  const rest = `SELECT tableoid, ctid FROM ${from} TABLESAMPLE BERNOULLI (${share}) REPEATABLE (1)
    ORDER BY md5(tableoid::text || ctid::text) LIMIT ${count}`;
  const chosen = [...ends, rest].map((part, place) => `(SELECT ${place} AS place, * FROM (${part}) part)`);
  return `SELECT ${table.columns.map((column) => `t.${column}`).join(", ")} FROM ${from} t WHERE (t.tableoid, t.ctid) IN (
    SELECT tableoid, ctid FROM (${chosen.join(" UNION ALL ")}) chosen GROUP BY tableoid, ctid ORDER BY min(place) LIMIT ${count})`;
}

function endsOf(table: RowTable, count: number): string[] {
  if (table.key.length === 0 || count === 0) return [];
  return ["ASC", "DESC"].map((direction) => {
    const order = table.key.map((column) => `${column} ${direction}`).join(", ");
    return `SELECT tableoid, ctid FROM ${fromTable(table)} ORDER BY ${order} LIMIT ${count}`;
  });
}

/** The columns of a key, with a value for each. */
export type KeyValues = readonly string[];

/** Rows of a child that reference one of these keys of its parent. */
export function rowsOfParents(
  child: RowTable,
  columns: readonly KeyColumn[],
  keys: readonly KeyValues[],
  most: number,
): string {
  const match = columns.map(
    (column, place) => `k.k${place}::${column.parentType} ${column.operator} t.${column.child}`,
  );
  return `${selectWhere(child, keys, columns.length, match)} LIMIT ${most}`;
}

/** Rows of a parent that have one of these keys, as its children write them. */
export function rowsWithKeys(
  parent: RowTable,
  columns: readonly KeyColumn[],
  keys: readonly KeyValues[],
): string {
  const match = columns.map(
    (column, place) => `t.${column.parent} ${column.operator} k.k${place}::${column.childType}`,
  );
  return selectWhere(parent, keys, columns.length, match);
}

/** COPY takes no parameters: the keys stand in the statement. */
function selectWhere(
  table: RowTable,
  keys: readonly KeyValues[],
  width: number,
  match: readonly string[],
): string {
  const places = Array.from({ length: width }, (_, place) => place);
  const arrays = places.map(
    (place) => `ARRAY[${keys.map((key) => quoteLiteral(key[place] ?? "")).join(",")}]::text[]`,
  );
  const names = places.map((place) => `k${place}`).join(", ");
  const columns = table.columns.map((column) => `t.${column}`).join(", ");
  return `SELECT ${columns} FROM ${fromTable(table)} t
    WHERE EXISTS (SELECT FROM unnest(${arrays.join(", ")}) k(${names}) WHERE ${match.join(" AND ")})`;
}
