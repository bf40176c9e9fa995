import type { KeyColumn } from "./foreign-keys.ts";
import { fetchMissingParents } from "./missing-parents.ts";
import type { RowLoader } from "./row-loader.ts";
import { fromTable, type RowTable } from "./row-tables.ts";
import { allRows, type KeyValues, rowsOfParents, someRows, spreadRows } from "./sample.ts";
import type { SampleScope } from "./sample-scope.ts";

/** So many rows of a table for each user that is asked for, at the most, before parents are fetched. */
const ROWS_PER_USER = 5;

/** How many keys stand in one statement. */
const KEY_BATCH = 5_000;

/**
 * Loads so many users, rows that belong to them, a bounded part of every other table, and then every row that
 * any of these references, until no key is without its parent.
 */
export async function loadSample(scope: SampleScope): Promise<void> {
  const { loader, tables, users, count, onProgress } = scope;
  onProgress(`copying ${count} users and what belongs to them`);
  await loader.load(users, spreadRows(users, count));
  const done = await loadBelongings(scope);
  onProgress("copying a part of the other tables");
  for (const table of tables.values()) {
    if (!table.whole || done.has(table.root)) continue;
    const small = table.estimate <= ROWS_PER_USER * count;
    await loader.load(table, small ? someRows(table, ROWS_PER_USER * count) : spreadRows(table, count));
  }
  onProgress("copying the rows that these refer to");
  await fetchMissingParents(scope);
}

/** Goes from the users to the tables that reference them, to those that reference these, and so on. */
async function loadBelongings({
  loader,
  tables,
  foreignKeys,
  users,
  count,
}: SampleScope): Promise<Set<string>> {
  const done = new Set([users.root]);
  const queue = [users.root];
  for (let root = queue.shift(); root !== undefined; root = queue.shift()) {
    for (const foreignKey of foreignKeys) {
      const parent = tables.get(foreignKey.parent);
      const child = tables.get(foreignKey.child);
      if (parent?.root !== root || !child?.whole || done.has(child.root)) continue;
      done.add(child.root);
      queue.push(child.root);
      await loadChildren(loader, { child, parent, columns: foreignKey.columns }, ROWS_PER_USER * count);
    }
  }
  return done;
}

interface Relationship {
  readonly child: RowTable;
  readonly parent: RowTable;
  readonly columns: readonly KeyColumn[];
}

async function loadChildren(loader: RowLoader, relationship: Relationship, most: number): Promise<void> {
  const { child, parent, columns } = relationship;
  const keys = await loadedKeys(loader, parent, columns);
  let left = most;
  for (let at = 0; at < keys.length && left > 0; at += KEY_BATCH) {
    left -= await loader.load(child, rowsOfParents(child, columns, keys.slice(at, at + KEY_BATCH), left));
  }
}

async function loadedKeys(
  loader: RowLoader,
  parent: RowTable,
  columns: readonly KeyColumn[],
): Promise<KeyValues[]> {
  const list = columns.map((column) => `${column.parent}::text`).join(", ");
  const there = columns.map((column) => `${column.parent} IS NOT NULL`).join(" AND ");
  const { rows } = await loader.target.query<string[]>({
    text: `SELECT ${list} FROM ${fromTable(parent)} WHERE ${there}`,
    rowMode: "array",
  });
  return rows;
}

/** Loads every row of every table. */
export async function loadAll(
  loader: RowLoader,
  tables: readonly RowTable[],
  onProgress: (line: string) => void,
): Promise<void> {
  const whole = tables.filter((table) => table.whole);
  for (const [place, table] of whole.entries()) {
    if (place % 50 === 0 || table.estimate > 100_000) {
      onProgress(`copying rows: ${table.name}, table ${place + 1} of ${whole.length}`);
    }
    await loader.load(table, allRows(table));
  }
}
