import { DatabaseError } from "../errors.ts";
import type { Pool } from "../postgres/client.ts";
import { describeError } from "./describe-error.ts";
import type { Logger } from "./logger.ts";
import { deleteDueRows, type PurgeLimits } from "./purge/delete-due-rows.ts";
import { type DueRows, dueRows, type ExpiringTable, type PurgedTable } from "./purge/due-rows.ts";
import { dueAudit } from "./purge/purge-audit.ts";
import type { UsersTable } from "./users-table.ts";

/** What is purged, and by which connections. */
export interface PurgeParts {
  readonly pool: Pool;
  readonly table: UsersTable;
  /** The schema of the graft. */
  readonly schema: string;
}

/** How many rows were deleted from each table. */
export type PurgeCounts = Record<ExpiringTable, number>;

/**
 * Deletes what has expired until nothing is left of it, or until the signal says stop. Rows that somebody else
 * holds are left to the next time.
 *
 * @throws DatabaseError, or the driver's own error; what was deleted before stays deleted.
 */
export async function purge({ pool, table, schema }: PurgeParts, signal: AbortSignal): Promise<PurgeCounts> {
  const counts = noRows();
  for (const due of dueRows(table, schema)) {
    await deleteDueRows(pool, due, { work: Number.POSITIVE_INFINITY, signal }, (rows) => {
      counts[due.table] += rows;
    });
  }
  return counts;
}

/** The purge of a server, that goes on until it is stopped. */
export interface Purging {
  /** Begins nothing more, and waits for the batch that runs. */
  stop(): Promise<void>;
}

/** Parts of a server's purge. */
export interface PurgingParts extends PurgeParts {
  readonly logger: Logger;
  /** How old an event in the audit log may become; null: as old as it will. */
  readonly auditRetentionDays: number | null;
  /** Milliseconds between two rounds, about; ten minutes unless given. */
  readonly interval?: number;
  /** Between 0 and 1; `Math.random` unless given. */
  readonly random?: () => number;
}

const INTERVAL = 10 * 60 * 1_000;

/** The part of the interval that it varies by, so that servers which were started together drift apart. */
const JITTER = 0.2;

/** Milliseconds of work on each kind of rows in one round; what is left is the next one's. */
const WORK = 2_000;

/**
 * Purges in the background: first after a random part of the interval, then once in every interval. A round
 * that fails is logged, and the next one tries again. Several servers share the rows, and never wait for each other.
 */
export function startPurging(parts: PurgingParts): Purging {
  const { interval = INTERVAL, random = Math.random } = parts;
  const stopping = new AbortController();
  const auditRows = dueAudit(parts);
  let timer: NodeJS.Timeout;
  let round = Promise.resolve();
  const schedule = (delay: number) => {
    if (stopping.signal.aborted) return;
    timer = setTimeout(() => {
      round = purgeRound(parts, auditRows, { work: WORK, signal: stopping.signal });
      void round.then(() => schedule(interval * (1 + JITTER * (random() - 0.5))));
    }, delay);
    timer.unref();
  };
  schedule(interval * random());
  return {
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      await round;
    },
  };
}

/** One kind of rows that cannot be purged keeps none of the others from it, unless nobody answers at all. */
async function purgeRound(
  { pool, table, schema, logger }: PurgingParts,
  auditRows: () => Promise<DueRows | null>,
  limits: PurgeLimits,
): Promise<void> {
  const counts: Record<PurgedTable, number> = { ...noRows(), audit_log: 0 };
  const kinds = dueRows(table, schema).map((due) => ({ table: due.table, read: async () => due }));
  for (const { table, read } of [...kinds, { table: "audit_log", read: auditRows } as const]) {
    try {
      const due = await read();
      if (due === null) continue;
      await deleteDueRows(pool, due, limits, (rows) => {
        counts[table] += rows;
      });
    } catch (error) {
      logger.warn({ error: describeError(error), table }, "what has expired could not be purged");
      if (error instanceof DatabaseError) break;
    }
  }
  if (Object.values(counts).some((count) => count > 0)) {
    logger.info({ rows: counts }, "what has expired was purged");
  }
}

function noRows(): PurgeCounts {
  return {
    ...{ revoked_tokens: 0, revocations: 0, sessions: 0 },
    ...{ one_time_tokens: 0, mail_queue: 0, rate_limits: 0 },
  };
}
