import { setTimeout as sleep } from "node:timers/promises";
import { MigrationError } from "../../errors.ts";
import type { Queryable } from "../../postgres/client.ts";
import { SqlState, sqlState } from "../../postgres/sqlstate.ts";
import { noOutcomes, OUTCOMES, type OutcomeCounts, type RefusedRow, WRITTEN } from "./import-report.ts";
import { countOutcomes } from "./read-verdicts.ts";
import { isAboutRow, refusalReason } from "./refusal-reason.ts";
import type { Fault } from "./source/source-row.ts";
import { ROWS, VERDICTS } from "./stage.ts";
import { Code } from "./verdict-codes.ts";
import { expectedSql, type WriteStatements } from "./write-sql.ts";

/** How batches are written. */
export interface BatchOptions {
  readonly size: number;
  readonly skipInvalid: boolean;
  readonly signal: AbortSignal;
  /** Done before a batch, outside of its transaction: plaintext passwords are hashed. */
  readonly prepare: (from: number, to: number) => Promise<void>;
  readonly onWritten: (rows: number) => void;
}

/** What was written, and whether all of it was. */
export interface BatchResult {
  readonly written: OutcomeCounts;
  readonly stopped: boolean;
}

const WRITABLE = WRITTEN.map((outcome) => `'${outcome}'`).join(", ");

/**
 * Writes what is to be written, a transaction a batch. Where a batch meets a rule of the application's own, it is
 * halved until the rows that break it are found, and only these are left out.
 *
 * @throws MigrationError `interrupted` between two batches, `lock_timeout`; what was written before stands.
 */
export async function writeBatches(
  client: Queryable,
  statements: WriteStatements,
  options: BatchOptions,
): Promise<BatchResult> {
  const written = noOutcomes();
  let from = -1;
  for (;;) {
    if (options.signal.aborted) throw interrupted(total(written));
    const to = await endOfBatch(client, from, options.size);
    if (to === null) return { written, stopped: false };
    await options.prepare(from, to).catch((error: unknown) => {
      throw options.signal.aborted ? interrupted(total(written)) : error;
    });
    const refused = await writeBatch(client, statements, { from, to }, options.skipInvalid, () =>
      total(written),
    );
    await noteRefused(client, refused);
    if (refused.length > 0 && !options.skipInvalid) return { written, stopped: true };
    const counts = await countOutcomes(client, from, to);
    for (const outcome of OUTCOMES) written[outcome] += WRITTEN.includes(outcome) ? counts[outcome] : 0;
    options.onWritten(total(written));
    from = to;
  }
}

export function total(counts: OutcomeCounts): number {
  return WRITTEN.reduce((sum, outcome) => sum + counts[outcome], 0);
}

async function endOfBatch(client: Queryable, from: number, size: number): Promise<number | null> {
  const { rows } = await client.query<{ last: number | null }>(
    `SELECT max(row) AS last FROM (SELECT row FROM ${VERDICTS} WHERE row > $1 AND outcome IN (${WRITABLE})
       ORDER BY row LIMIT $2) t`,
    [from, size],
  );
  return rows[0]?.last ?? null;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Somebody else was quicker: a row fewer was written than there were. */
class Overtaken extends Error {}

const TRIES = 5;
const RETRIED: readonly (string | undefined)[] = [
  SqlState.lockNotAvailable,
  SqlState.deadlockDetected,
  SqlState.serializationFailure,
];

async function writeBatch(
  client: Queryable,
  statements: WriteStatements,
  range: Range,
  skipInvalid: boolean,
  soFar: () => number,
): Promise<readonly RefusedRow[]> {
  for (let tries = 1; ; tries++) {
    try {
      return await inTransaction(client, async () => {
        await writeRange(client, statements, range);
        return { refused: [], keep: true };
      });
    } catch (error) {
      if (isAboutRow(error) || error instanceof Overtaken) {
        return findRefused(client, statements, range, skipInvalid);
      }
      if (!RETRIED.includes(sqlState(error))) throw error;
      if (tries === TRIES) throw lockTimeout(soFar(), error);
      await sleep(100 * 2 ** tries);
    }
  }
}

async function inTransaction(
  client: Queryable,
  work: () => Promise<{ refused: readonly RefusedRow[]; keep: boolean }>,
): Promise<readonly RefusedRow[]> {
  await client.query("BEGIN");
  try {
    const { refused, keep } = await work();
    await client.query(keep ? "COMMIT" : "ROLLBACK");
    return refused;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

async function writeRange(
  client: Queryable,
  statements: WriteStatements,
  { from, to }: Range,
): Promise<void> {
  const values = [from, to];
  const { rows } = await client.query<{ made: number; changed: number }>(expectedSql(), values);
  const { made = 0, changed = 0 } = rows[0] ?? {};
  await run(client, made === 0 ? null : statements.insert, values, made);
  await run(client, changed === 0 ? null : statements.update, values, changed);
  await run(client, statements.accountsOfOld, values, null);
  await run(client, statements.accountsOfNew, values, null);
  // What waits for the end of the transaction would otherwise fail there, where no row can be left out.
  await client.query("SET CONSTRAINTS ALL IMMEDIATE");
}

async function run(
  client: Queryable,
  statement: string | null,
  values: readonly number[],
  expected: number | null,
): Promise<void> {
  if (statement === null) return;
  const { rowCount } = await client.query(statement, values);
  if (expected !== null && rowCount !== expected) throw new Overtaken();
}

/** Without `skipInvalid` nothing of the batch stands. */
async function findRefused(
  client: Queryable,
  statements: WriteStatements,
  { from, to }: Range,
  skipInvalid: boolean,
): Promise<readonly RefusedRow[]> {
  const { rows } = await client.query<{ row: number }>(
    `SELECT row FROM ${VERDICTS} WHERE row > $1 AND row <= $2 AND outcome IN (${WRITABLE}) ORDER BY row`,
    [from, to],
  );
  const numbers = rows.map(({ row }) => row);
  return inTransaction(client, async () => {
    const refused = await halve(client, statements, numbers);
    return { refused, keep: skipInvalid || refused.length === 0 };
  });
}

async function halve(
  client: Queryable,
  statements: WriteStatements,
  numbers: readonly number[],
): Promise<readonly RefusedRow[]> {
  const [first, last] = [numbers[0], numbers.at(-1)];
  if (first === undefined || last === undefined) return [];
  await client.query("SAVEPOINT part");
  try {
    await writeRange(client, statements, { from: first - 1, to: last });
    await client.query("RELEASE SAVEPOINT part");
    return [];
  } catch (error) {
    if (!isAboutRow(error) && !(error instanceof Overtaken)) throw error;
    await client.query("ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part");
    if (numbers.length === 1) return [{ row: first, ...reasonOf(error) }];
    const middle = Math.floor(numbers.length / 2);
    const left = await halve(client, statements, numbers.slice(0, middle));
    return [...left, ...(await halve(client, statements, numbers.slice(middle)))];
  }
}

const OVERTAKEN: Fault = {
  field: "row",
  reason:
    "Somebody else was quicker: the user was changed, or the id, email or username was taken, meanwhile.",
};

function reasonOf(error: unknown): Fault {
  return error instanceof Overtaken ? OVERTAKEN : refusalReason(error);
}

async function noteRefused(client: Queryable, refused: readonly RefusedRow[]): Promise<void> {
  for (const { row, field, reason } of refused) {
    await client.query(`UPDATE ${ROWS} SET field = $2, reason = $3 WHERE row = $1`, [row, field, reason]);
    await client.query(`UPDATE ${VERDICTS} SET outcome = 'refused', code = $2 WHERE row = $1`, [
      row,
      Code.unreadable,
    ]);
  }
}

/** The error of a person who said stop. */
export function interrupted(written: number): MigrationError {
  const what =
    written === 0 ? "nothing was written" : `${written.toLocaleString("en")} rows were written and stand`;
  return new MigrationError("interrupted", `Interrupted; ${what}.`, {
    fix: "Run the same command again: it goes on where it stopped.",
  });
}

function lockTimeout(written: number, cause: unknown): MigrationError {
  return new MigrationError(
    "lock_timeout",
    `Somebody holds rows that are to be written; ${written.toLocaleString("en")} were written before and stand.`,
    { fix: "Run the same command again when they have let go: it goes on where it stopped.", cause },
  );
}
