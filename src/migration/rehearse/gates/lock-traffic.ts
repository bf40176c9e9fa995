import type { Client } from "../../../postgres/client.ts";
import { qualify, quoteIdentifier, quoteIdentifiers } from "../../../postgres/identifiers.ts";
import { primaryKey, type Relation } from "../../../users-table/relation.ts";
import { changeableColumn } from "../queries/obvious-queries.ts";
import type { TrafficStatement } from "../traffic/options.ts";

/** How many different rows the traffic reads and writes. */
const ROWS = 1_000;

/** Reads and writes by primary key, with the columns the table had at first; what cannot be written is only read. */
export async function userTraffic(client: Client, users: Relation): Promise<TrafficStatement[]> {
  const table = qualify(users.schema, users.name);
  const [key] = primaryKey(users);
  if (key === undefined) return [];
  const id = quoteIdentifier(key);
  const { rows } = await client.query<{ id: string }>(`SELECT ${id}::text AS id FROM ${table} LIMIT ${ROWS}`);
  const values = rows.length === 0 ? [null] : rows.map((row) => row.id);
  const parameters: TrafficStatement["parameters"] = [{ kind: "list", values }];
  const columns = quoteIdentifiers(users.columns.map(({ name }) => name));
  const read = {
    name: "read",
    sql: `SELECT ${columns} FROM ${table} WHERE ${id} = $1`,
    parameters,
    weight: 3,
  };
  const changed = changeableColumn(users);
  if (changed === undefined) return [read];
  const column = quoteIdentifier(changed);
  const write = `UPDATE ${table} SET ${column} = ${column} WHERE ${id} = $1`;
  const works = await runs(client, write, values[0] ?? null);
  return works ? [read, { name: "write", sql: write, parameters }] : [read];
}

/** A trigger or a rule of the application's may refuse it. */
async function runs(client: Client, sql: string, value: string | null): Promise<boolean> {
  await client.query("BEGIN");
  try {
    await client.query(sql, [value]);
    return true;
  } catch {
    return false;
  } finally {
    await client.query("ROLLBACK");
  }
}
