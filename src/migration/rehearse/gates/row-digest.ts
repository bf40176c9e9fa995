import type { Queryable } from "../../../postgres/client.ts";
import { qualify, quoteIdentifier, quoteIdentifiers } from "../../../postgres/identifiers.ts";
import type { Relation } from "../../../users-table/relation.ts";

/** All rows of a table as two numbers that change with every value. */
export interface RowDigest {
  readonly rows: number;
  /** In decimal digits: the sum over all rows of 128 bits of the SHA-256 of each. */
  readonly digest: string;
}

/** How values are written as text depends on these; a dump sets the same. */
const SETTINGS = [
  "SET datestyle = 'ISO, YMD'",
  "SET intervalstyle = 'postgres'",
  "SET timezone = 'UTC'",
  "SET extra_float_digits = 1",
  "SET bytea_output = 'hex'",
  "SET xmlbinary = 'base64'",
  "SET lc_monetary = 'C'",
  "SET search_path = pg_catalog, pg_temp",
  "SET row_security = off",
  "SET jit = off",
];

/**
 * A digest of every value of the columns that the table had at first, in every row. It is worked out in the
 * database in one pass, with memory for one row; a sum does not depend on the order, and each row's key is in
 * its text. A row's text writes NULL as nothing and an empty text as two quotes.
 *
 * @see https://www.postgresql.org/docs/current/rowtypes.html#ROWTYPES-IO-SYNTAX
 */
export async function digestOf(client: Queryable, users: Relation): Promise<RowDigest> {
  await settle(client);
  const columns = quoteIdentifiers(users.columns.map((column) => column.name));
  const { rows } = await client.query<{ rows: string; digest: string }>(
    `SELECT count(*)::text AS rows, coalesce(${sumOf(`ROW(${columns})`)}, 0)::text AS digest FROM ONLY ${qualify(users.schema, users.name)}`,
  );
  return { rows: Number(rows[0]?.rows ?? 0), digest: rows[0]?.digest ?? "" };
}

/** The same for each column by itself, with the key beside it: to tell which of them changed. */
export async function digestColumns(
  client: Queryable,
  users: Relation,
  key: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  await settle(client);
  const names = users.columns.map((column) => column.name);
  const sums = names.map((name, place) => {
    const row = `ROW(${quoteIdentifiers([...key, name])})`;
    return `coalesce(${sumOf(row)}, 0)::text AS ${quoteIdentifier(`c${place}`)}`;
  });
  const { rows } = await client.query<Record<string, string>>(
    `SELECT ${sums.join(", ")} FROM ONLY ${qualify(users.schema, users.name)}`,
  );
  return new Map(names.map((name, place) => [name, rows[0]?.[`c${place}`] ?? ""]));
}

async function settle(client: Queryable): Promise<void> {
  for (const setting of SETTINGS) await client.query(setting);
}

/** The text goes as bytes in the database's own encoding, so that none is converted or refused. */
function sumOf(row: string): string {
  const hash = `encode(sha256(convert_to(${row}::text, getdatabaseencoding())), 'hex')`;
  const half = (from: number) => `('x' || substr(${hash}, ${from}, 16))::bit(64)::bigint::numeric`;
  return `sum(${half(1)} * 18446744073709551616 + ${half(17)})`;
}
