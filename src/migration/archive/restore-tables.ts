import { qualify, quoteIdentifier, quoteIdentifiers } from "../../postgres/identifiers.ts";
import { tableName, usersTable } from "../names.ts";
import type { RunContext } from "../run/run-context.ts";
import type { Archive, Situation } from "../situation.ts";
import { ACCOUNTS, REVOKED_TOKENS, SESSIONS, SIGNING_KEYS, type TableDefinition } from "../tables.ts";
import { samePerson } from "./restore-users-sql.ts";

/** Moves the archived rows back into the graft's tables; returns how many of each. */
export async function restoreTables(
  { client }: Pick<RunContext, "client">,
  situation: Situation,
  archive: Archive,
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of [SIGNING_KEYS, ACCOUNTS, SESSIONS, REVOKED_TOKENS]) {
    if (!archive.tables.includes(table.name)) continue;
    const { rows } = await client.query<{ count: number }>(moveSql(situation, archive, table));
    await client.query(forgetStandingSql(situation, archive, table));
    counts[table.name] = rows[0]?.count ?? 0;
  }
  return counts;
}

/**
 * Only to the person whose the rows were: an id may have been given to somebody else meanwhile. A revocation
 * comes back in any case, without its user where that is gone: the token may still be about.
 */
function moveSql(situation: Situation, archive: Archive, table: TableDefinition): string {
  const columns = restoredColumns(table);
  const kept = qualify(archive.schema, table.name);
  const person = table.onUserDelete === null ? null : personSql(situation, archive);
  const values = columns.map((name) =>
    name === "user_id" && table.onUserDelete === "SET NULL" ? `(${person})` : `k.${quoteIdentifier(name)}`,
  );
  const where = table.onUserDelete === "CASCADE" ? `WHERE EXISTS (${person})` : "";
  const key = keyOf(table);
  return `
    WITH restored AS (
      INSERT INTO ${tableName(situation, table)} (${quoteIdentifiers(columns)})
      SELECT ${values.join(", ")} FROM ${kept} k ${where} ON CONFLICT DO NOTHING RETURNING ${key}
    ), gone AS (DELETE FROM ${kept} k USING restored r WHERE k.${key} = r.${key})
    SELECT count(*)::int AS count FROM restored`;
}

function personSql(situation: Situation, archive: Archive): string {
  const id = quoteIdentifier(situation.mapping.id);
  return (
    `SELECT u.${id} FROM ${usersTable(situation)} u JOIN ${qualify(archive.schema, "users")} a ON ${samePerson(situation, archive)} ` +
    `WHERE a.${id} = k."user_id"`
  );
}

/** What stands already just as it was archived needs no restoring; what differs is newer, and both are kept. */
function forgetStandingSql(situation: Situation, archive: Archive, table: TableDefinition): string {
  const compared = table.name === ACCOUNTS.name ? restoredColumns(table) : [keyName(table)];
  const same = compared.map(
    (name) => `s.${quoteIdentifier(name)} IS NOT DISTINCT FROM k.${quoteIdentifier(name)}`,
  );
  return `DELETE FROM ${qualify(archive.schema, table.name)} k USING ${tableName(situation, table)} s WHERE ${same.join(" AND ")}`;
}

function restoredColumns(table: TableDefinition): string[] {
  return table.columns.filter((column) => !column.identity).map((column) => column.name);
}

/** By what a row is known whose number the database gives out. */
function keyName(table: TableDefinition): string {
  return (table === REVOKED_TOKENS ? table.unique[0] : table.primaryKey)?.[0] ?? "";
}

function keyOf(table: TableDefinition): string {
  return quoteIdentifier(keyName(table));
}
