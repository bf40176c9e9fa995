import { MigrationError } from "../../errors.ts";
import type { Pool, Queryable } from "../../postgres/client.ts";
import { qualify } from "../../postgres/identifiers.ts";
import type { Logger } from "../logger.ts";
import { deleteDueRows } from "./delete-due-rows.ts";
import { type DueRows, dueEvents } from "./due-rows.ts";

/** The audit log, and by which connections it is purged. */
export interface AuditPurgeParts {
  readonly pool: Pool;
  /** The schema of the graft. */
  readonly schema: string;
}

/**
 * Deletes what the audit log holds from more than so many days ago, batch by batch, until nothing is left of it or
 * the signal says stop; `onDeleted` is told how many after each.
 *
 * @throws MigrationError `refused` where the connecting role may not; DatabaseError.
 */
export async function purgeAudit(
  { pool, schema }: AuditPurgeParts,
  days: number,
  signal: AbortSignal,
  onDeleted: (rows: number) => void,
): Promise<void> {
  if (!(await mayDelete(pool, schema))) {
    throw new MigrationError("refused", "This role may not delete from the audit log; nothing was changed.", {
      fix: "Connect as the role that authgraft up is run with: the server's own role can only read the log and add to it.",
    });
  }
  await deleteDueRows(pool, dueEvents(schema, days), { work: Number.POSITIVE_INFINITY, signal }, onDeleted);
}

/**
 * What a server may purge of the log, asked anew for each round: nothing where its role can only add to it, as is
 * best. What is due then is somebody else's to delete, and that is logged once.
 */
export function dueAudit(
  parts: AuditPurgeParts & { readonly logger: Logger; readonly auditRetentionDays: number | null },
): () => Promise<DueRows | null> {
  const { pool, schema, logger, auditRetentionDays: days } = parts;
  let isTold = false;
  return async () => {
    if (days === null) return null;
    if (await mayDelete(pool, schema)) return dueEvents(schema, days);
    if (!isTold && (await isDue(pool, schema, days))) {
      isTold = true;
      const fix = "Run authgraft audit purge with the migrator's role.";
      logger.warn({ days, fix }, "the audit log holds more than it is to keep, and this role may not delete");
    }
    return null;
  };
}

/** Both: rows are locked, so that several who purge at once do not wait for each other. */
async function mayDelete(pool: Queryable, schema: string): Promise<boolean> {
  const { rows } = await pool.query<{ allowed: boolean }>(
    "SELECT has_table_privilege($1, 'DELETE') AND has_table_privilege($1, 'UPDATE') AS allowed",
    [qualify(schema, "audit_log")],
  );
  return rows[0]?.allowed === true;
}

async function isDue(pool: Queryable, schema: string, days: number): Promise<boolean> {
  const { rows } = await pool.query(
    `SELECT FROM ${qualify(schema, "audit_log")} WHERE occurred_at < now() - make_interval(days => $1) LIMIT 1`,
    [days],
  );
  return rows.length > 0;
}
