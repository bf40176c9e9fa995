import { MigrationError } from "../../errors.ts";
import { qualify, quoteIdentifier, quoteIdentifiers } from "../../postgres/identifiers.ts";
import { tableName, usersTable } from "../names.ts";
import type { RunContext } from "../run/run-context.ts";
import { throwIfInterrupted } from "../run/run-context.ts";
import type { Archive, Situation } from "../situation.ts";
import { ACCOUNTS, REVOKED_TOKENS, SESSIONS, SIGNING_KEYS, type TableDefinition } from "../tables.ts";
import { type AddedColumn, neededColumns } from "../users-objects.ts";
import { identifyingColumns } from "./archive-sql.ts";
import { restoreJournal } from "./restore-journal.ts";

/** What came back, and what could not. */
export interface RestoreReport {
  readonly users: number;
  /** Rows of the archive's users that stay there: the user is gone, is another one now, or holds a newer value. */
  readonly users_left: number;
  readonly rows: Readonly<Record<string, number>>;
  /** Whether everything came back and the archive is gone. */
  readonly complete: boolean;
}

const BATCH = 1_000;

/**
 * Brings back what `down --archive` put aside, in batches that can be interrupted: a row leaves the
 * archive in the statement that restores it. Nothing that was written since is overwritten.
 *
 * @throws MigrationError `refused` when there is no archive.
 */
export async function restoreArchive(context: RunContext, situation: Situation): Promise<RestoreReport> {
  const { archive } = situation;
  if (archive === null) {
    throw new MigrationError("refused", "There is no archive to restore: no down --archive went before.", {
      fix: "Run authgraft up without --restore.",
    });
  }
  const users = archive.tables.includes("users") ? await restoreUsers(context, situation, archive) : 0;
  const rows = await restoreTables(context, situation, archive);
  await restoreJournal(context, situation, archive);
  const left = archive.tables.includes("users") ? await countLeft(context, archive) : 0;
  if (left === 0) await dropArchive(context, archive);
  return { users, users_left: left, rows, complete: left === 0 };
}

async function restoreUsers(context: RunContext, situation: Situation, archive: Archive): Promise<number> {
  const columns = await archivedColumns(context, situation, archive);
  await context.client.query(forgetUnchangedSql(situation, archive, columns));
  const sql = restoreUsersSql(situation, archive, columns);
  let total = 0;
  for (;;) {
    throwIfInterrupted(context);
    const { rows } = await context.client.query<{ count: number }>(sql, [BATCH]);
    const count = rows[0]?.count ?? 0;
    total += count;
    if (count === 0) return total;
    context.progress(`restored ${total} users`);
  }
}

/** The columns that the archive holds values for. */
async function archivedColumns(
  context: RunContext,
  situation: Situation,
  archive: Archive,
): Promise<AddedColumn[]> {
  const { rows } = await context.client.query<{ name: string }>(
    `SELECT a.attname AS name FROM pg_attribute a WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped`,
    [qualify(archive.schema, "users")],
  );
  const identifying = identifyingColumns(situation);
  return neededColumns(situation).filter(
    ({ name }) => !identifying.includes(name) && rows.some((row) => row.name === name),
  );
}

function restoreUsersSql(situation: Situation, archive: Archive, columns: readonly AddedColumn[]): string {
  const id = quoteIdentifier(situation.mapping.id);
  const users = usersTable(situation);
  const kept = qualify(archive.schema, "users");
  const same = identifyingColumns(situation).map(
    (name) => `u.${quoteIdentifier(name)} IS NOT DISTINCT FROM a.${quoteIdentifier(name)}`,
  );
  const untouched = columns.map(
    ({ name, holdsValue }) => `(NOT (${holdsValue.replace("%", `u.${quoteIdentifier(name)}`)}))`,
  );
  const assignments = columns.map(({ name }) => `${quoteIdentifier(name)} = a.${quoteIdentifier(name)}`);
  const free = columns.some(({ name }) => name === situation.mapping.email)
    ? [freeEmail(situation, users)]
    : [];
  return `
    WITH batch AS (
      SELECT a.${id} FROM ${kept} a JOIN ${users} u ON u.${id} = a.${id}
      WHERE ${[...same, ...untouched, ...free].join(" AND ")} LIMIT $1 FOR UPDATE OF u
    ), restored AS (
      UPDATE ${users} u SET ${assignments.join(", ")} FROM ${kept} a, batch b
      WHERE u.${id} = b.${id} AND a.${id} = b.${id} RETURNING u.${id}
    ), gone AS (DELETE FROM ${kept} a USING restored r WHERE a.${id} = r.${id})
    SELECT count(*)::int AS count FROM restored`;
}

/** A `down` that was cut short before it dropped anything leaves copies of values that still stand. */
function forgetUnchangedSql(situation: Situation, archive: Archive, columns: readonly AddedColumn[]): string {
  const names = [situation.mapping.id, ...columns.map(({ name }) => name)].map(quoteIdentifier);
  const same = names.map((name) => `u.${name} IS NOT DISTINCT FROM a.${name}`).join(" AND ");
  return `DELETE FROM ${qualify(archive.schema, "users")} a USING ${usersTable(situation)} u WHERE ${same}`;
}

function freeEmail(situation: Situation, users: string): string {
  const email = quoteIdentifier(situation.mapping.email);
  const id = quoteIdentifier(situation.mapping.id);
  return `(a.${email} IS NULL OR NOT EXISTS (SELECT FROM ${users} o
    WHERE lower(o.${email} COLLATE "C") = lower(a.${email} COLLATE "C") AND o.${email} IS NOT NULL AND o.${id} <> u.${id}))`;
}

async function restoreTables(
  context: RunContext,
  situation: Situation,
  archive: Archive,
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of [SIGNING_KEYS, ACCOUNTS, SESSIONS, REVOKED_TOKENS]) {
    if (!archive.tables.includes(table.name)) continue;
    const { rowCount } = await context.client.query(restoreTableSql(situation, archive, table));
    counts[table.name] = rowCount ?? 0;
  }
  return counts;
}

/** Rows of users that are gone fall away with them; a revocation stays without its user. */
function restoreTableSql(situation: Situation, archive: Archive, table: TableDefinition): string {
  const columns = table.columns.filter((column) => !column.identity).map((column) => column.name);
  const id = quoteIdentifier(situation.mapping.id);
  const user = `(SELECT u.${id} FROM ${usersTable(situation)} u WHERE u.${id} = a."user_id")`;
  const values = columns.map((name) =>
    name === "user_id" && table.onUserDelete === "SET NULL" ? user : `a.${quoteIdentifier(name)}`,
  );
  const where = table.onUserDelete === "CASCADE" ? ` WHERE EXISTS ${user}` : "";
  return (
    `INSERT INTO ${tableName(situation, table)} (${quoteIdentifiers(columns)}) ` +
    `SELECT ${values.join(", ")} FROM ${qualify(archive.schema, table.name)} a${where} ON CONFLICT DO NOTHING`
  );
}

async function countLeft(context: RunContext, archive: Archive): Promise<number> {
  const { rows } = await context.client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM ${qualify(archive.schema, "users")}`,
  );
  return rows[0]?.count ?? 0;
}

async function dropArchive(context: RunContext, archive: Archive): Promise<void> {
  const drops = archive.tables.map((name) => `DROP TABLE ${qualify(archive.schema, name)}`);
  await context.client.query(
    ["BEGIN", ...drops, `DROP SCHEMA ${quoteIdentifier(archive.schema)}`, "COMMIT"].join(";\n"),
  );
}
