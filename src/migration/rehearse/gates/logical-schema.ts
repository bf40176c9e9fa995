import type { Queryable } from "../../../postgres/client.ts";
import { SCHEMA_QUERIES } from "./logical-schema-sql.ts";

/** What a schema says of one object, by field; storage, sizes and oids are no part of it. */
export type LogicalObject = Readonly<Record<string, unknown>>;

/** Everything in a database by kind, then by name. */
export type LogicalSchema = ReadonlyMap<string, ReadonlyMap<string, LogicalObject>>;

/**
 * Reads everything that a person would call the schema of a database: relations, columns, constraints, indexes,
 * triggers, policies, rules, grants, comments, sequences, functions, views, types, statistics, publications.
 *
 * @see https://www.postgresql.org/docs/current/catalogs.html
 */
export async function readLogicalSchema(client: Queryable): Promise<LogicalSchema> {
  await client.query("SET search_path = pg_catalog, pg_temp");
  await client.query("SET jit = off");
  const schema = new Map<string, ReadonlyMap<string, LogicalObject>>();
  for (const [kind, sql] of Object.entries(SCHEMA_QUERIES)) {
    const { rows } = await client.query<{ name: string; fields: LogicalObject }>(sql);
    schema.set(kind, new Map(rows.map(({ name, fields }) => [name, fields])));
  }
  return schema;
}

/** How many objects there are. */
export function sizeOf(schema: LogicalSchema): number {
  return [...schema.values()].reduce((sum, objects) => sum + objects.size, 0);
}

/** Every difference, field by field, in words; empty where there is none. */
export function compareSchemas(before: LogicalSchema, after: LogicalSchema): string[] {
  return [...before.keys()].flatMap((kind) =>
    compareKind(kind, before.get(kind) ?? new Map(), after.get(kind) ?? new Map()),
  );
}

function compareKind(
  kind: string,
  before: ReadonlyMap<string, LogicalObject>,
  after: ReadonlyMap<string, LogicalObject>,
): string[] {
  const missing = [...before.keys()].filter((name) => !after.has(name));
  const added = [...after.keys()].filter((name) => !before.has(name));
  const both = [...before].flatMap(([name, fields]) => {
    const now = after.get(name);
    return now === undefined ? [] : compareFields(`${kind} ${name}`, fields, now);
  });
  return [
    ...missing.map((name) => `${kind} ${name} is missing`),
    ...added.map((name) => `${kind} ${name} is new`),
    ...both,
  ];
}

function compareFields(name: string, before: LogicalObject, after: LogicalObject): string[] {
  return Object.keys(before)
    .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
    .map((field) => `${name}: ${field} was ${inWords(before[field])} and is ${inWords(after[field])}`);
}

function inWords(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
