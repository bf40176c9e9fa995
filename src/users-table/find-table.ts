import { nearMatches } from "../config/near-match.ts";
import { type AuthgraftError, ConfigurationError } from "../errors.ts";
import type { Queryable } from "../postgres/client.ts";
import { parseQualifiedName, type QualifiedName, qualify } from "../postgres/identifiers.ts";

interface Candidate {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  /** The place of its schema on the search path; null when it is not on it. */
  readonly place: number | null;
}

/**
 * The search path is the one that a connection of this role has to begin with: migrations pin their own.
 *
 * @see https://www.postgresql.org/docs/current/ddl-schemas.html#DDL-SCHEMAS-PATH
 */
const CANDIDATES_SQL = `
  WITH path AS (
    SELECT replace(trim(BOTH '"' FROM trim(p.part)), '$user', session_user) AS schema, p.place::int AS place
    FROM pg_settings s CROSS JOIN LATERAL regexp_split_to_table(s.reset_val, ',') WITH ORDINALITY p(part, place)
    WHERE s.name = 'search_path'
  )
  SELECT c.oid::text AS oid, s.nspname AS schema, c.relname AS name,
    (SELECT min(path.place) FROM path WHERE path.schema = s.nspname) AS place
  FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND s.nspname NOT IN ('pg_catalog', 'information_schema') AND s.nspname !~ '^pg_(toast|temp)'`;

/**
 * Finds the users table by the name a person gave: as it is written first, then folded to lower case, on
 * the search path first, then in any one schema.
 *
 * @param apart schemas in which a table is found only when they are named: the graft's own, whose tables
 *   have names like `accounts` too.
 * @returns the oid, as text.
 * @throws ConfigurationError `table_not_found`, with the nearest names there are; `table_ambiguous`.
 */
export async function findTable(
  client: Queryable,
  text: string,
  apart: readonly string[] = [],
): Promise<string> {
  const wanted = parseQualifiedName(text);
  if (wanted === null) {
    throw new ConfigurationError("table_not_found", `"${text}" is not the name of a table.`, {
      fix: 'Write it as users, shop.users or "Shop"."Users".',
    });
  }
  const exact = await candidates(client, wanted, apart);
  const folded = { schema: wanted.schema?.toLowerCase() ?? null, name: wanted.name.toLowerCase() };
  const found = exact.length > 0 ? exact : await candidates(client, folded, apart);
  return choose(client, text, found, apart);
}

/** All of that name; where some are on the search path, the first of these alone. */
async function candidates(
  client: Queryable,
  { schema, name }: QualifiedName,
  apart: readonly string[],
): Promise<Candidate[]> {
  const { rows } = await client.query<Candidate>(
    `${CANDIDATES_SQL} AND c.relname = $1 AND CASE WHEN $2::text IS NULL THEN s.nspname <> ALL($3::text[]) ELSE s.nspname = $2 END
     ORDER BY place NULLS LAST, s.nspname`,
    [name, schema, apart],
  );
  return rows[0]?.place == null ? rows : rows.slice(0, 1);
}

async function choose(
  client: Queryable,
  text: string,
  found: readonly Candidate[],
  apart: readonly string[],
): Promise<string> {
  const [first, second] = found;
  if (first === undefined) throw await notFound(client, text, apart);
  if (second === undefined) return first.oid;
  const names = found.map((candidate) => qualify(candidate.schema, candidate.name)).join(", ");
  throw new ConfigurationError("table_ambiguous", `Several tables are called ${text}: ${names}.`, {
    fix: "Name the schema too: --table schema.name.",
  });
}

async function notFound(client: Queryable, text: string, apart: readonly string[]): Promise<AuthgraftError> {
  const { rows } = await client.query<Candidate>(
    `${CANDIDATES_SQL} AND s.nspname <> ALL($1::text[]) ORDER BY s.nspname, c.relname LIMIT 20000`,
    [apart],
  );
  const bare = parseQualifiedName(text)?.name ?? text;
  const near = nearMatches(bare, [...new Set(rows.map((row) => row.name))], 5);
  const rank = (row: Candidate) => near.indexOf(row.name);
  const names = rows
    .filter((row) => rank(row) >= 0)
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, 5);
  const list = names.map((row) => displayName(row.schema, row.name)).join(", ");
  return new ConfigurationError("table_not_found", `There is no table ${text} in this database.`, {
    fix:
      list === ""
        ? "Name the table with --table, and check that the database URL leads to the right database."
        : `Did you mean ${list}? Name it with --table.`,
  });
}

/** A table's name as a person would write it: quoted only where it must be. */
export function displayName(schema: string, name: string): string {
  const part = (text: string) =>
    /^[a-z_][a-z0-9_$]*$/.test(text) ? text : `"${text.replaceAll('"', '""')}"`;
  return `${part(schema)}.${part(name)}`;
}
