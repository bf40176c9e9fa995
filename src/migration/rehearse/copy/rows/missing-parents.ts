import type { RowForeignKey } from "./foreign-keys.ts";
import type { RowLoader } from "./row-loader.ts";
import { fromTable, type RowTable } from "./row-tables.ts";
import { type KeyValues, rowsWithKeys } from "./sample.ts";
import type { SampleScope } from "./sample-scope.ts";

const KEY_BATCH = 1_000;

type Scope = Pick<SampleScope, "loader" | "tables" | "foreignKeys">;

/**
 * Fetches the row behind every foreign key that points to none, again and again: what is fetched may point
 * elsewhere, to its own table, or in a circle. A key is asked for once: what the source itself does not have
 * (a foreign key that was never validated) stays missing. So it ends.
 */
export async function fetchMissingParents({ loader, tables, foreignKeys }: Scope): Promise<void> {
  const asked = new Map(foreignKeys.map(({ oid }) => [oid, new Set<string>()]));
  // Only a table that got rows can have got keys without a parent.
  let grown = new Set([...tables.values()].map(({ root }) => root));
  while (grown.size > 0) {
    const next = new Set<string>();
    for (const foreignKey of foreignKeys) {
      const child = tables.get(foreignKey.child);
      const parent = tables.get(foreignKey.parent);
      if (child === undefined || parent === undefined) continue;
      if (!grown.has(child.root) && !next.has(child.root)) continue;
      const keys = await missingKeys(loader, child, parent, foreignKey);
      const { batch, more } = unasked(keys, asked.get(foreignKey.oid) ?? new Set());
      if (more) next.add(child.root);
      if (batch.length === 0) continue;
      const rows = await loader.load(parent, rowsWithKeys(parent, foreignKey.columns, batch));
      if (rows > 0) next.add(parent.root);
    }
    grown = next;
  }
}

/** Keys that were never asked for, a batch of them: two texts can be one key, so the next batch is of what is missing then. */
function unasked(keys: readonly KeyValues[], asked: Set<string>): { batch: KeyValues[]; more: boolean } {
  const fresh = keys.filter((key) => !asked.has(JSON.stringify(key)));
  const batch = fresh.slice(0, KEY_BATCH);
  for (const key of batch) asked.add(JSON.stringify(key));
  return { batch, more: fresh.length > batch.length };
}

async function missingKeys(
  loader: RowLoader,
  child: RowTable,
  parent: RowTable,
  { columns }: RowForeignKey,
): Promise<KeyValues[]> {
  const list = columns.map((column) => `c.${column.child}::text`).join(", ");
  const there = columns.map((column) => `c.${column.child} IS NOT NULL`).join(" AND ");
  const match = columns.map((column) => `p.${column.parent} ${column.operator} c.${column.child}`);
  const { rows } = await loader.target.query<string[]>({
    text: `SELECT DISTINCT ${list} FROM ${fromTable(child)} c WHERE ${there}
      AND NOT EXISTS (SELECT FROM ${fromTable(parent)} p WHERE ${match.join(" AND ")})`,
    rowMode: "array",
  });
  return rows;
}
