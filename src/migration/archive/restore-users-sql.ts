import type { Queryable } from "../../postgres/client.ts";
import { qualify, quoteIdentifier } from "../../postgres/identifiers.ts";
import { usersTable } from "../names.ts";
import type { Archive, Situation } from "../situation.ts";
import { type AddedColumn, neededColumns } from "../users-objects.ts";
import { identifyingColumns } from "./archive-sql.ts";

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
  const identifying = identifyingColumns(situation);
  return neededColumns(situation).filter(
    ({ name }) => !identifying.includes(name) && rows.some((row) => row.name === name),
  );
}

/** Whether `u`, a row of the users table, is the person that `a`, a row of the archive, was. */
export function samePerson(situation: Situation): string {
  const [id, ...others] = identifyingColumns(situation).map(quoteIdentifier);
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

/** Rows a statement; said in its text, so that the planner knows how few they are. */
const BATCH = 1_000;

/** One batch: values move from the archive to people whose own are empty, or the same already. */
export function restoreUsersSql(
  situation: Situation,
  archive: Archive,
  columns: readonly AddedColumn[],
): string {
  const id = quoteIdentifier(situation.mapping.id);
  const users = usersTable(situation);
  const kept = qualify(archive.schema, "users");
  const quoted = columns.map(({ name }) => quoteIdentifier(name));
  const untouched = columns.map((column, index) => {
    const name = quoted[index];
    return `(${held(column, "u")} IS NOT TRUE OR u.${name} IS NOT DISTINCT FROM a.${name})`;
  });
  const free = columns.some(({ name }) => name === situation.mapping.email)
    ? [freeEmail(situation, users)]
    : [];
  const conditions = [samePerson(situation), ...untouched, ...free, `NOT (${valueless(columns)})`];
  return `
    WITH batch AS (
      SELECT a.${id} FROM ${kept} a JOIN ${users} u ON u.${id} = a.${id}
      WHERE ${conditions.join(" AND ")} LIMIT ${BATCH} FOR UPDATE OF u
    ), restored AS (
      UPDATE ${users} u SET ${quoted.map((name) => `${name} = a.${name}`).join(", ")} FROM ${kept} a, batch b
      WHERE u.${id} = b.${id} AND a.${id} = b.${id} RETURNING u.${id}
    ), emptied AS (
      UPDATE ${kept} a SET ${quoted.map((name) => `${name} = NULL`).join(", ")} FROM restored r WHERE a.${id} = r.${id}
    )
    SELECT count(*)::int AS count FROM restored`;
}

function freeEmail(situation: Situation, users: string): string {
  const email = quoteIdentifier(situation.mapping.email);
  const id = quoteIdentifier(situation.mapping.id);
  return `(a.${email} IS NULL OR NOT EXISTS (SELECT FROM ${users} o
    WHERE lower(o.${email} COLLATE "C") = lower(a.${email} COLLATE "C") AND o.${email} IS NOT NULL AND o.${id} <> u.${id}))`;
}
