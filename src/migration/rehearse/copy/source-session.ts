import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { MigrationError } from "../../../errors.ts";
import { connect } from "../../../postgres/connect.ts";
import { prepareSession } from "../../../postgres/migration-session.ts";
import { SqlState, sqlState } from "../../../postgres/sqlstate.ts";

/** How values are written and read, on both sides alike, whatever either server is set to. */
export const VALUE_SETTINGS = `
  SET DateStyle TO ISO, YMD; SET IntervalStyle TO postgres; SET TimeZone TO 'UTC'; SET extra_float_digits TO 3;
  SET bytea_output TO hex; SET lc_monetary TO 'C'; SET xmloption TO content`;

/** Milliseconds that one look at a table waits for whoever has it locked. */
const LOCK_TIMEOUT = 300;
const ATTEMPTS = 20;
const PAUSE = 700;

/** Opens a connection to the source on which nothing can be written. */
export async function openSource(url: string): Promise<pg.Client> {
  const client = await connect(url, { applicationName: "authgraft" });
  await prepareSession(client, { readOnly: true });
  await client.query(`${VALUE_SETTINGS}; SET lock_timeout TO ${LOCK_TIMEOUT}`);
  return client;
}

/**
 * Runs `work` on one unchanging view of the source. As long as it lasts, vacuum keeps what was deleted since
 * it began, as with any dump.
 *
 * @see https://www.postgresql.org/docs/current/transaction-iso.html#XACT-REPEATABLE-READ
 */
export async function withSnapshot<Result>(client: pg.Client, work: () => Promise<Result>): Promise<Result> {
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  try {
    return await work();
  } finally {
    await client.query("ROLLBACK").catch(() => undefined);
  }
}

/**
 * Looks at something of the source inside a snapshot and lets its locks go at once: whoever wants to change a
 * table waits for as long as that table is read, not for the whole copy. Where somebody has it locked, the
 * request is withdrawn and made again, so that nobody queues behind it.
 *
 * @throws MigrationError `lock_timeout` when it stays locked.
 */
export async function look<Result>(
  client: pg.Client,
  what: string,
  work: () => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    await client.query("SAVEPOINT look");
    try {
      return await work();
    } catch (error) {
      if (sqlState(error) !== SqlState.lockNotAvailable) throw error;
      if (attempt === ATTEMPTS) throw stayedLocked(what, error);
    } finally {
      await client.query("ROLLBACK TO SAVEPOINT look; RELEASE SAVEPOINT look").catch(() => undefined);
    }
    await sleep(PAUSE);
  }
}

function stayedLocked(what: string, cause: unknown): MigrationError {
  return new MigrationError(
    "lock_timeout",
    `Somebody holds ${what} in the source locked, and goes on holding it.`,
    {
      fix: "Nothing was changed. Wait until that is over, then run the same command again.",
      cause,
    },
  );
}
