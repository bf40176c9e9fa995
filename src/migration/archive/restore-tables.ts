import { qualify, quoteIdentifier, quoteIdentifiers, quoteLiteral } from "../../postgres/identifiers.ts";
import { tableName, usersTable } from "../names.ts";
import type { LockTarget } from "../run/lock-target.ts";
import type { RunContext } from "../run/run-context.ts";
import { lockTarget } from "../run/run-steps.ts";
import type { Archive, Situation } from "../situation.ts";
import type { TableDefinition } from "../table-definition.ts";
import { findGraftTable } from "../table-sql.ts";
import { ACCOUNTS } from "../tables.ts";
import { moveInBatches } from "./in-batches.ts";
import { samePerson } from "./restore-users-sql.ts";
import { keyName, RESTORED_TABLES } from "./restored-tables.ts";

/** Moves the archived rows back into the graft's tables; returns how many of each. */
export async function restoreTables(
  context: RunContext,
  situation: Situation,
  archive: Archive,
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of RESTORED_TABLES) {
    if (!archive.tables.includes(table.name)) continue;
    const label = table.name.replaceAll("_", " ");
    context.progress(`bringing back: ${label}`, "step");
    counts[table.name] = await moveInBatches(context, {
      // A row waits for its user's more often than for one of its own table.
      target: table.onUserDelete === null ? ownTarget(situation, table) : lockTarget(situation),
      sql: (after, rows) => moveSql(situation, archive, { table, after, rows }),
      label,
    });
    await context.client.query(forgetStandingSql(situation, archive, table));
  }
  return counts;
}

function ownTarget(situation: Situation, table: TableDefinition): LockTarget {
  return { name: tableName(situation, table), oid: findGraftTable(situation, table)?.oid ?? "0" };
}

/** Some rows of an archived table: so many, after that key. */
interface Rows {
  readonly table: TableDefinition;
  readonly after: string | null;
  readonly rows: number;
}

/**
 * Only to the person whose the rows were: an id may have been given to somebody else meanwhile. A revocation
 * comes back in any case, without its user where that is gone: the token may still be about.
 */
function moveSql(situation: Situation, archive: Archive, { table, after, rows }: Rows): string {
  const columns = restoredColumns(archive, table);
  const kept = qualify(archive.schema, table.name);
  const person = table.onUserDelete === null ? null : personSql(situation, archive);
  const values = columns.map((name) =>
    name === "user_id" && table.onUserDelete === "SET NULL" ? `(${person})` : `k.${quoteIdentifier(name)}`,
  );
  const where = table.onUserDelete === "CASCADE" ? `WHERE EXISTS (${person})` : "";
  const key = quoteIdentifier(keyName(table));
  return `
    WITH batch AS MATERIALIZED (
      SELECT * FROM ${kept} ${after === null ? "" : `WHERE ${key} > ${quoteLiteral(after)}`} ORDER BY ${key} LIMIT ${rows}
    ), restored AS (
      INSERT INTO ${tableName(situation, table)} (${quoteIdentifiers(columns)})
      SELECT ${values.join(", ")} FROM batch k ${where} ON CONFLICT DO NOTHING RETURNING ${key}
    ), gone AS (DELETE FROM ${kept} k USING restored r WHERE k.${key} = r.${key})
    SELECT (SELECT count(*)::int FROM restored) AS count,
      (SELECT b.${key}::text FROM batch b ORDER BY b.${key} DESC LIMIT 1) AS last`;
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
  const compared = table.name === ACCOUNTS.name ? restoredColumns(archive, table) : [keyName(table)];
  const same = compared.map(
    (name) => `s.${quoteIdentifier(name)} IS NOT DISTINCT FROM k.${quoteIdentifier(name)}`,
  );
  return `DELETE FROM ${qualify(archive.schema, table.name)} k USING ${tableName(situation, table)} s WHERE ${same.join(" AND ")}`;
}

function restoredColumns(archive: Archive, table: TableDefinition): string[] {
  const kept = archive.columns[table.name] ?? [];
  return table.columns
    .filter((column) => !column.identity && kept.includes(column.name))
    .map((column) => column.name);
}
