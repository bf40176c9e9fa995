import { qualify, quoteIdentifier, quoteIdentifiers } from "../../../postgres/identifiers.ts";
import { type Column, primaryKey, type Relation } from "../../../users-table/relation.ts";
import type { RecordedQuery } from "../rehearsal.ts";

/** What any application does with its users table, with the columns that it knows: read, add, change and delete a row. */
export function obviousQueries(users: Relation): RecordedQuery[] {
  const table = qualify(users.schema, users.name);
  const [key] = primaryKey(users);
  if (key === undefined) return [];
  const where = (number: number) => `WHERE ${quoteIdentifier(key)} = $${number}`;
  const columns = quoteIdentifiers(users.columns.map(({ name }) => name));
  const written = users.columns.filter(isWritten).map(({ name }) => name);
  const places = written.map((_, place) => `$${place + 1}`).join(", ");
  const changed = changeableColumn(users);
  const insert =
    written.length === 0
      ? `INSERT INTO ${table} DEFAULT VALUES`
      : `INSERT INTO ${table} (${quoteIdentifiers(written)}) VALUES (${places})`;
  return [
    obvious("read", `SELECT ${columns} FROM ${table} ${where(1)}`),
    obvious("add", insert),
    ...(changed === undefined
      ? []
      : [obvious("change", `UPDATE ${table} SET ${quoteIdentifier(changed)} = $1 ${where(2)}`)]),
    obvious("delete", `DELETE FROM ${table} ${where(1)}`),
  ];
}

function obvious(what: string, sql: string): RecordedQuery {
  return { sql, origin: `generated (${what} a row)`, calls: null };
}

/** Columns that fill themselves are left to do so. */
function isWritten({ generated, identity, default: own }: Column): boolean {
  return generated === "" && identity === "" && !(own ?? "").startsWith("nextval(");
}

/** A column that can be written without breaking what depends on it: outside of every index if there is one. */
export function changeableColumn(users: Relation): string | undefined {
  const indexed = new Set(users.indexes.flatMap(({ columns }) => columns));
  const key = primaryKey(users);
  const free = users.columns.filter(
    ({ name, generated, identity }) => generated === "" && identity !== "a" && !key.includes(name),
  );
  return (free.find(({ name }) => !indexed.has(name)) ?? free[0])?.name;
}
