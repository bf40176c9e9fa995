import type { Queryable } from "../../postgres/client.ts";
import { qualify, quoteIdentifier, quoteLiteral } from "../../postgres/identifiers.ts";
import { usersTable } from "../names.ts";
import type { Archive, Situation } from "../situation.ts";
import { type AddedColumn, neededColumns } from "../users-objects.ts";

/** The columns that the archive holds values for. */
export async function archivedColumns(
  client: Queryable,
  situation: Situation,
  archive: Archive,
): Promise<AddedColumn[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT a.attname AS name FROM pg_attribute a WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped`,
    [qualify(archive.schema, "users")],
  );
  return neededColumns(situation).filter(({ name }) => rows.some((row) => row.name === name));
}

/** The columns by which the archive knows people again: those it holds beside the values. */
export function knownBy(situation: Situation, archive: Archive): string[] {
  const values = neededColumns(situation).map(({ name }) => name);
  return archive.userColumns.filter((name) => !values.includes(name));
}

/** Whether `u`, a row of the users table, is the person that `a`, a row of the archive, was. */
export function samePerson(situation: Situation, archive: Archive): string {
  const [id, ...others] = knownBy(situation, archive).map(quoteIdentifier);
  return [`u.${id} = a.${id}`, ...others.map((name) => `u.${name} IS NOT DISTINCT FROM a.${name}`)].join(
    " AND ",
  );
}

/** Whether `a`, a row of the archive, holds no value any more. */
export function valueless(columns: readonly AddedColumn[]): string {
  return columns.length === 0
    ? "true"
    : `(${columns.map((column) => held(column, "a")).join(" OR ")}) IS NOT TRUE`;
}

function held({ name, holdsValue }: AddedColumn, side: string): string {
  return `(${holdsValue(`${side}.${quoteIdentifier(name)}`)})`;
}

/** Some of the archived people: so many, after that id, as text; null for the first. */
export interface People {
  readonly after: string | null;
  /** Said in the text of the statement, so that the planner knows how few they are. */
  readonly rows: number;
}

/**
 * One batch, in the order of the ids: values move from the archive to people whose own are empty, or the same
 * already. A value leaves the archive only if the row holds it afterwards: a trigger of the application's may
 * have kept it out.
 */
export function restoreUsersSql(
  situation: Situation,
  archive: Archive,
  columns: readonly AddedColumn[],
  { after, rows }: People,
): string {
  const id = quoteIdentifier(situation.mapping.id);
  const users = usersTable(situation);
  const kept = qualify(archive.schema, "users");
  const quoted = columns.map(({ name }) => quoteIdentifier(name));
  const left = quoted.map(
    (name) => `${name} = CASE WHEN r.${name} IS NOT DISTINCT FROM a.${name} THEN NULL ELSE a.${name} END`,
  );
  const arrived = quoted.map((name) => `r.${name} IS NOT DISTINCT FROM a.${name}`);
  return `
    WITH batch AS (
      SELECT a.${id} FROM ${kept} a JOIN ${users} u ON u.${id} = a.${id}
      WHERE ${batchConditions(situation, archive, columns, after).join(" AND ")} ORDER BY a.${id} LIMIT ${rows} FOR UPDATE OF u
    ), restored AS (
      UPDATE ${users} u SET ${quoted.map((name) => `${name} = a.${name}`).join(", ")} FROM ${kept} a, batch b
      WHERE u.${id} = b.${id} AND a.${id} = b.${id} RETURNING u.${id}, ${quoted.map((name) => `u.${name}`).join(", ")}
    ), emptied AS (
      UPDATE ${kept} a SET ${left.join(", ")} FROM restored r WHERE a.${id} = r.${id}
    )
    SELECT (SELECT count(*)::int FROM restored r JOIN ${kept} a USING (${id}) WHERE ${arrived.join(" AND ")}) AS count,
      (SELECT b.${id}::text FROM batch b ORDER BY b.${id} DESC LIMIT 1) AS last`;
}

function batchConditions(
  situation: Situation,
  archive: Archive,
  columns: readonly AddedColumn[],
  after: string | null,
): string[] {
  const untouched = columns.map((column) => {
    const name = quoteIdentifier(column.name);
    return `(${held(column, "u")} IS NOT TRUE OR u.${name} IS NOT DISTINCT FROM a.${name})`;
  });
  const hasEmail = columns.some(({ name }) => name === situation.mapping.email);
  const id = quoteIdentifier(situation.mapping.id);
  return [
    samePerson(situation, archive),
    ...untouched,
    ...(hasEmail ? freeEmail(situation, archive) : []),
    `NOT (${valueless(columns)})`,
    ...(after === null ? [] : [`a.${id} > ${quoteLiteral(after)}`]),
  ];
}

/** Nobody else has the address, in the table or in the archive itself: of two that want one, neither is preferred. */
function freeEmail(situation: Situation, archive: Archive): string[] {
  const email = quoteIdentifier(situation.mapping.email);
  const id = quoteIdentifier(situation.mapping.id);
  return [usersTable(situation), qualify(archive.schema, "users")].map(
    (table) => `(a.${email} IS NULL OR NOT EXISTS (SELECT FROM ${table} o
    WHERE lower(o.${email} COLLATE "C") = lower(a.${email} COLLATE "C") AND o.${email} IS NOT NULL AND o.${id} <> a.${id}))`,
  );
}
