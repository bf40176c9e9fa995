import type { Queryable } from "../../postgres/client.ts";
import { type FilledTable, makeSample } from "./sample.ts";
import type { Row, SampleName, SampleOptions } from "./shape.ts";

const ROWS_PER_STATEMENT = 2_000;

/**
 * Loads a sample into an empty database, as restoring its dump would: tables, rows, then constraints and indexes.
 * Not in a transaction of its own.
 */
export async function loadSample(
  client: Queryable,
  name: SampleName,
  options: SampleOptions = {},
): Promise<void> {
  const sample = makeSample(name, options);
  await client.query(sample.beforeData.map((entry) => entry.sql).join("\n"));
  for (const table of sample.tables) await loadTable(client, table);
  for (const { name: sequence, lastValue } of sample.sequences) {
    await client.query(
      `SELECT pg_catalog.setval('public.${sequence}', ${Math.max(lastValue, 1)}, ${lastValue > 0})`,
    );
  }
  await client.query(sample.afterData.map((entry) => entry.sql).join("\n"));
  await client.query(`ANALYZE ${sample.tables.map((table) => `public.${table.name}`).join(", ")}`);
}

async function loadTable(client: Queryable, table: FilledTable): Promise<void> {
  let batch: Row[] = [];
  for (const row of table.rows()) {
    batch.push(row);
    if (batch.length < ROWS_PER_STATEMENT) continue;
    await insertRows(client, table, batch);
    batch = [];
  }
  if (batch.length > 0) await insertRows(client, table, batch);
}

/** One statement and one array a column, whatever the number of rows. */
async function insertRows(client: Queryable, table: FilledTable, rows: readonly Row[]): Promise<void> {
  const names = table.columns.map((column) => column.name).join(", ");
  const arrays = table.columns.map((column, index) => `$${index + 1}::${column.type}[]`).join(", ");
  await client.query(
    `INSERT INTO public.${table.name} (${names}) SELECT * FROM unnest(${arrays})`,
    table.columns.map((_, index) => rows.map((row) => row[index] ?? null)),
  );
}
