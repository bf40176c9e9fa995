import { nearMatches } from "../config/near-match.ts";
import { type AuthgraftError, ConfigurationError } from "../errors.ts";
import type { Queryable } from "../postgres/client.ts";
import { parseQualifiedName, qualify } from "../postgres/identifiers.ts";

interface Candidate {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly visible: boolean;
}

const CANDIDATES_SQL = `
  SELECT c.oid::text AS oid, s.nspname AS schema, c.relname AS name, pg_table_is_visible(c.oid) AS visible
  FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND s.nspname NOT IN ('pg_catalog', 'information_schema') AND s.nspname !~ '^pg_(toast|temp)'`;

/**
 * Finds the users table by the name a person gave: as it is written first, then folded to lower case, on
 * the search path first, then in any one schema.
 *
 * @returns the oid, as text.
 * @throws ConfigurationError `table_not_found`, with the nearest names there are; `table_ambiguous`.
 */
export async function findTable(client: Queryable, text: string): Promise<string> {
  const wanted = parseQualifiedName(text);
  if (wanted === null) {
    throw new ConfigurationError("table_not_found", `"${text}" is not the name of a table.`, {
      fix: 'Write it as users, shop.users or "Shop"."Users".',
    });
  }
  const exact = await candidates(client, wanted.schema, wanted.name);
  const found =
    exact.length > 0
      ? exact
      : await candidates(client, wanted.schema?.toLowerCase() ?? null, wanted.name.toLowerCase());
  return choose(client, text, found);
}

async function candidates(client: Queryable, schema: string | null, name: string): Promise<Candidate[]> {
  const { rows } = await client.query<Candidate>(
    `${CANDIDATES_SQL} AND c.relname = $1 AND ($2::text IS NULL OR s.nspname = $2) ORDER BY s.nspname`,
    [name, schema],
  );
  const visible = rows.filter((row) => row.visible);
  return visible.length > 0 && schema === null ? visible : rows;
}

async function choose(client: Queryable, text: string, found: readonly Candidate[]): Promise<string> {
  const [first, second] = found;
  if (first === undefined) throw await notFound(client, text);
  if (second === undefined) return first.oid;
  const names = found.map((candidate) => qualify(candidate.schema, candidate.name)).join(", ");
  throw new ConfigurationError("table_ambiguous", `Several tables are called ${text}: ${names}.`, {
    fix: "Name the schema too: --table schema.name.",
  });
}

async function notFound(client: Queryable, text: string): Promise<AuthgraftError> {
  const { rows } = await client.query<Candidate>(
    `${CANDIDATES_SQL} ORDER BY s.nspname, c.relname LIMIT 20000`,
  );
  const bare = parseQualifiedName(text)?.name ?? text;
  const near = nearMatches(bare, [...new Set(rows.map((row) => row.name))], 5);
  const names = rows.filter((row) => near.includes(row.name)).slice(0, 5);
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
