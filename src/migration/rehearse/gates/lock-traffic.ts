import type { Client } from "../../../postgres/client.ts";
import { qualify, quoteIdentifier, quoteIdentifiers } from "../../../postgres/identifiers.ts";
import { primaryKey, type Relation } from "../../../users-table/relation.ts";
import { changeableColumn } from "../queries/obvious-queries.ts";
import type { TrafficStatement } from "../traffic/options.ts";

/** What the traffic's statements are called. */
const READ = "read";
export const WRITE = "write";

/** How many different rows the traffic reads and writes. */
const ROWS = 1_000;

/** Of those, how many are tried one by one where a write of all of them is refused. */
const TRIED = 200;

/** Reads and writes by primary key, with the columns the table had at first; what cannot be written is only read. */
export async function userTraffic(client: Client, users: Relation): Promise<TrafficStatement[]> {
  const table = qualify(users.schema, users.name);
  const [key] = primaryKey(users);
  if (key === undefined) return [];
  const id = quoteIdentifier(key);
  const { rows } = await client.query<{ id: string }>(`SELECT ${id}::text AS id FROM ${table} LIMIT ${ROWS}`);
  const values = rows.length === 0 ? [null] : rows.map((row) => row.id);
  const columns = quoteIdentifiers(users.columns.map(({ name }) => name));
  const read: TrafficStatement = {
    name: READ,
    sql: `SELECT ${columns} FROM ${table} WHERE ${id} = $1`,
    parameters: [{ kind: "list", values }],
    weight: 3,
  };
  const changed = changeableColumn(users);
  if (changed === undefined) return [read];
  const column = quoteIdentifier(changed);
  const write = `UPDATE ${table} SET ${column} = ${column} WHERE ${id} =`;
  const writable = await thatRun(client, write, values);
  if (writable.length === 0) return [read];
  return [read, { name: WRITE, sql: `${write} $1`, parameters: [{ kind: "list", values: writable }] }];
}

/** A trigger or a rule of the application's may refuse the write of some rows, or of all. */
async function thatRun(client: Client, write: string, values: readonly (string | null)[]) {
  if (await runs(client, `${write} ANY($1)`, values)) return values;
  const writable: (string | null)[] = [];
  for (const value of values.slice(0, TRIED)) {
    if (await runs(client, `${write} $1`, value)) writable.push(value);
  }
  return writable;
}

async function runs(client: Client, sql: string, value: unknown): Promise<boolean> {
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
