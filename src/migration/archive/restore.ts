import { MigrationError } from "../../errors.ts";
import { qualify, quoteIdentifier, quoteLiteral } from "../../postgres/identifiers.ts";
import { displayName } from "../../users-table/find-table.ts";
import { findColumn } from "../../users-table/relation.ts";
import { usersTable } from "../names.ts";
import { recordProvenance, schemaRecord } from "../provenance.ts";
import type { RunContext } from "../run/run-context.ts";
import { runSection } from "../run/run-section.ts";
import { lockTarget } from "../run/run-steps.ts";
import type { Archive, Situation } from "../situation.ts";
import { ACCOUNTS, SESSIONS } from "../tables.ts";
import { dropArchive } from "./archive-sql.ts";
import { moveInBatches } from "./in-batches.ts";
import { restoreJournal } from "./restore-journal.ts";
import { restoreTables } from "./restore-tables.ts";
import { archivedColumns, knownBy, restoreUsersSql, valueless } from "./restore-users-sql.ts";

/** What came back, and what could not. */
export interface RestoreReport {
  readonly users: number;
  /** People of whom something stays in the archive: gone, somebody else by now, or with a newer value. */
  readonly users_left: number;
  readonly rows: Readonly<Record<string, number>>;
  /** Whether everything came back and the archive is gone. */
  readonly complete: boolean;
}

/** What the record of the schema says of an archive that is gone because all of it came back. */
const RESTORED = "restored";

/**
 * To be asked before anything is changed: ids of one table mean other people in another. Null: the archive has been
 * restored already, as by a run that was killed before it could say so.
 *
 * @throws MigrationError `refused` when there is no archive, or it is of another table.
 */
export function assertArchive(situation: Situation): Archive | null {
  const { archive, users } = situation;
  const table = displayName(users.schema, users.name);
  if (archive !== null) {
    if (archive.usersTable !== table) throw anotherTable(archive, table);
    const missing = knownBy(situation, archive).find((name) => findColumn(users, name) === undefined);
    if (missing !== undefined) throw unknownPeople(archive, table, missing);
    return archive;
  }
  if (schemaRecord(situation)?.made?.archive === RESTORED) return null;
  throw new MigrationError("refused", "There is no archive to restore: no down --archive went before.", {
    fix: "Run authgraft up without --restore.",
  });
}

function unknownPeople({ schema }: Archive, table: string, column: string): MigrationError {
  const rename = `ALTER TABLE ${quoteIdentifier(schema)}.users RENAME COLUMN ${quoteIdentifier(column)} TO …;`;
  return new MigrationError(
    "refused",
    `The archive in the schema ${schema} knows people again by ${column} too, and ${table} has no such column now.`,
    { fix: `If the column has another name now, give it to the archive as well: ${rename}` },
  );
}

function anotherTable({ schema, usersTable }: Archive, table: string): MigrationError {
  const renamed = `UPDATE ${quoteIdentifier(schema)}.archive SET users_table = ${quoteLiteral(table)};`;
  return new MigrationError(
    "refused",
    `The archive in the schema ${schema} is of ${usersTable}, not of ${table}.`,
    {
      fix: `Name that table with --table. If it is the same table under a new name, say so first: ${renamed}`,
    },
  );
}

/**
 * Brings back what `down --archive` put aside, in statements that can be interrupted in between: a row leaves
 * the archive in the statement that restores it. Nothing that was written since is overwritten.
 *
 * @throws MigrationError `lock_timeout`, `interrupted`; what came back stands, and the next run goes on.
 */
export async function restoreArchive(context: RunContext, situation: Situation): Promise<RestoreReport> {
  const archive = assertArchive(situation);
  if (archive === null) return { users: 0, users_left: 0, rows: {}, complete: true };
  // The tables first: by the archived people one sees whose the rows are.
  const rows = await restoreTables(context, situation, archive);
  const users = await restoreUsers(context, situation, archive);
  await restoreJournal(context, situation, archive);
  const left = await forgetRestored(context, situation, archive);
  if (left === 0) await forgetArchive(context, situation, archive);
  return { users, users_left: left, rows, complete: left === 0 };
}

async function restoreUsers(context: RunContext, situation: Situation, archive: Archive): Promise<number> {
  const columns = await archivedColumns(context.client, situation, archive);
  if (columns.length === 0) return 0;
  context.progress("bringing back: emails, passwords and rights of users", "step");
  return moveInBatches(context, {
    target: lockTarget(situation),
    sql: (after, rows) => restoreUsersSql(situation, archive, columns, { after, rows }),
    label: "users",
  });
}

/** Forgets people of whom nothing is left to restore; returns how many others there are. */
async function forgetRestored(context: RunContext, situation: Situation, archive: Archive): Promise<number> {
  const { client } = context;
  const kept = qualify(archive.schema, "users");
  const id = quoteIdentifier(situation.mapping.id);
  const empty = valueless(await archivedColumns(client, situation, archive));
  const tables = [ACCOUNTS, SESSIONS].filter(({ name }) => archive.tables.includes(name));
  for (const { name } of tables) {
    // What the application deleted a user with, it would have deleted with the user.
    await client.query(
      `DELETE FROM ${qualify(archive.schema, name)} r USING ${kept} a WHERE a.${id} = r."user_id" AND ${empty}
         AND NOT EXISTS (SELECT FROM ${usersTable(situation)} u WHERE u.${id} = a.${id})`,
    );
  }
  const rowless = tables.map(
    ({ name }) =>
      `AND NOT EXISTS (SELECT FROM ${qualify(archive.schema, name)} r WHERE r."user_id" = a.${id})`,
  );
  await client.query(`DELETE FROM ${kept} a WHERE ${empty} ${rowless.join(" ")}`);
  const { rows } = await client.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${kept}`);
  return rows[0]?.count ?? 0;
}

/** The record keeps that it was restored: whoever runs the same command again finds nothing to do. */
async function forgetArchive(context: RunContext, situation: Situation, archive: Archive): Promise<void> {
  const record = schemaRecord(situation);
  const restored = record && { ...record, made: { ...record.made, archive: RESTORED } };
  const { schema } = situation.configuration;
  const statements = [
    ...dropArchive(archive),
    ...(restored === undefined ? [] : [recordProvenance(schema, [restored])]),
  ];
  await runSection(context, { transactional: true, lock: "NONE", statements }, lockTarget(situation));
}
