import type { TableDefinition } from "../table-definition.ts";
import { ACCOUNTS, AUDIT_LOG, REVOKED_TOKENS, SESSIONS, SIGNING_KEYS } from "../tables.ts";

/** The tables whose rows come back from an archive, in this order. */
export const RESTORED_TABLES: readonly TableDefinition[] = [
  SIGNING_KEYS,
  ACCOUNTS,
  SESSIONS,
  REVOKED_TOKENS,
  AUDIT_LOG,
];

/** By what a row is known: not by a number that the database gives out. */
export function keyName(table: TableDefinition): string {
  return (table === REVOKED_TOKENS ? table.unique[0] : table.primaryKey)?.[0] ?? "";
}
