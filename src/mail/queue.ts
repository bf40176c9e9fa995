import type { Pool, Queryable } from "../postgres/client.ts";
import { qualify } from "../postgres/identifiers.ts";
import { within } from "../postgres/share-queries.ts";
import { withTransaction } from "../postgres/transaction.ts";

/** A mail in the queue that is this server's to send for as long as its lease lasts. */
export interface QueuedMail {
  readonly id: string;
  readonly sealed: string;
  /** How often it was claimed, this time included; with the id, what tells a claim from a later one. */
  readonly attempts: number;
  /** Milliseconds since 1970. */
  readonly queuedAt: number;
  /** Seconds until it is not worth sending any more. */
  readonly remaining: number;
}

/** The mails that wait in the database, for all servers together. */
export interface Queue {
  /** Claims the one that has waited longest; null where none is due. Nobody else has it until the lease is over. */
  claim(): Promise<QueuedMail | null>;
  remove(mail: QueuedMail): Promise<void>;
  /** Gives a claim back, to be tried again after so many seconds. */
  postpone(mail: QueuedMail, seconds: number): Promise<void>;
  /** Deletes what is not worth sending any more, and tells how many that were. */
  dropExpired(): Promise<number>;
  count(): Promise<number>;
}

/** Anything that runs a statement, such as a transaction that somebody else ends. */
interface Transaction {
  query(text: string, values?: readonly unknown[]): Promise<unknown>;
}

/** Puts a mail into the queue, in the transaction of what it tells of; for `lifetime` seconds it is worth sending. */
export async function putIntoQueue(
  client: Transaction,
  schema: string,
  { sealed, lifetime }: { readonly sealed: string; readonly lifetime: number },
): Promise<void> {
  await client.query(
    `INSERT INTO ${qualify(schema, "mail_queue")} (sealed, expires_at) VALUES ($1, now() + make_interval(secs => $2::float8))`,
    [sealed, lifetime],
  );
}

/** Milliseconds within which the database answers, or is not there. */
const PATIENCE = 10_000;

/** Opens the queue in the graft's schema; a claim lasts for `lease` seconds, longer than any attempt to send. */
export function openQueue(pool: Pool, schema: string, lease: number): Queue {
  const table = qualify(schema, "mail_queue");
  const run = <Row>(text: string, values: readonly unknown[] = []) =>
    within(PATIENCE, () =>
      withTransaction(pool, async (client: Queryable) => (await client.query<Row>(text, values)).rows),
    );
  return {
    async claim() {
      const [mail] = await run<QueuedMail>(claimIn(table), [lease]);
      return mail ?? null;
    },
    async remove({ id }) {
      await run(`DELETE FROM ${table} WHERE id = $1::uuid`, [id]);
    },
    async postpone({ id, attempts }, seconds) {
      // A lease that ran out meanwhile is somebody else's.
      await run(
        `UPDATE ${table} SET next_attempt_at = now() + make_interval(secs => $3::float8) WHERE id = $1::uuid AND attempts = $2::int4`,
        [id, attempts, seconds],
      );
    },
    async dropExpired() {
      const rows = await run(
        `DELETE FROM ${table} WHERE id = ANY (ARRAY(SELECT id FROM ${table} WHERE expires_at <= now() AND next_attempt_at <= now() LIMIT 1000 FOR UPDATE SKIP LOCKED)) RETURNING id`,
      );
      return rows.length;
    },
    async count() {
      const [row] = await run<{ count: number }>(`SELECT count(*)::int4 AS count FROM ${table}`);
      return row?.count ?? 0;
    },
  };
}

/**
 * Moves the next attempt on to the end of the lease: who dies with a mail in hand leaves it to whoever looks then.
 *
 * @see https://www.postgresql.org/docs/current/sql-select.html#SQL-FOR-UPDATE-SHARE
 */
function claimIn(table: string): string {
  return `UPDATE ${table} SET attempts = attempts + 1, next_attempt_at = now() + make_interval(secs => $1::float8)
     WHERE id = (SELECT id FROM ${table} WHERE next_attempt_at <= now() AND expires_at > now()
                  ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING id::text AS id, sealed, attempts, extract(epoch FROM created_at)::float8 * 1000 AS "queuedAt",
               extract(epoch FROM expires_at - now())::float8 AS remaining`;
}
