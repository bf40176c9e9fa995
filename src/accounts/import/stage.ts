import { pipeline } from "node:stream/promises";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import type { StagedRow } from "./check-row.ts";

/** The rows of the file as they were checked, and what becomes of each: temporary tables of the connection's own. */
export const ROWS = "pg_temp.authgraft_import_rows";
export const VERDICTS = "pg_temp.authgraft_import_verdicts";

/**
 * Makes the two tables. They are all that the connection can write into until `allowWriting`, so that looking at
 * a file changes nothing.
 *
 * @param idType the type of the ids in the file, `userIdType` of those in the users table.
 */
export async function createStage(client: pg.Client, idType: string, userIdType: string): Promise<void> {
  await client.query(`
    SET temp_buffers = '64MB';
    SET work_mem = '64MB';
    CREATE TEMPORARY TABLE authgraft_import_rows (
      row int4 NOT NULL, field text, reason text, id ${idType}, made_id text, username text, email text,
      display_name text, hash text, plain bool NOT NULL, is_admin bool, verified bool, disabled bool,
      created_at timestamptz);
    CREATE TEMPORARY TABLE authgraft_import_verdicts (
      row int4 NOT NULL, user_id ${userIdType}, old_hash text, code int4 NOT NULL, other int4,
      outcome text NOT NULL, sets_password bool NOT NULL, sets_email bool NOT NULL,
      sets_username bool NOT NULL, sets_admin bool NOT NULL, sets_verified bool NOT NULL,
      sets_disabled bool NOT NULL);
    CREATE UNIQUE INDEX ON ${ROWS} (row);
    CREATE UNIQUE INDEX ON ${VERDICTS} (row);
    SET default_transaction_read_only = on`);
}

/** Lets the connection write into the users table, a batch of few rows at a time: by their keys, whatever the planner thinks. */
export async function allowWriting(client: pg.Client): Promise<void> {
  await client.query(
    "SET default_transaction_read_only = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_seqscan = off",
  );
}

/** Streams rows into the stage; `makeId` gives each the id that it has as a new user. */
export async function stageRows(
  client: pg.Client,
  batches: AsyncIterable<readonly StagedRow[]>,
  makeId: (() => string) | undefined,
): Promise<void> {
  const into = client.query(
    copyFrom(
      `COPY ${ROWS} (row, field, reason, id, made_id, username, email, display_name, hash, plain, is_admin, verified, disabled, created_at) FROM STDIN`,
    ),
  );
  await pipeline(encoded(batches, makeId), into);
  await client.query(`ANALYZE ${ROWS}`);
}

async function* encoded(
  batches: AsyncIterable<readonly StagedRow[]>,
  makeId: (() => string) | undefined,
): AsyncGenerator<Buffer, void> {
  for await (const batch of batches) {
    let text = "";
    for (const row of batch) text += encode(row, makeId?.() ?? null);
    if (text !== "") yield Buffer.from(text, "utf8");
  }
}

function encode(row: StagedRow, madeId: string | null): string {
  const { fault } = row;
  return [
    row.row,
    field(fault?.field ?? null),
    field(fault?.reason ?? null),
    field(row.id),
    field(madeId),
    field(row.username),
    field(row.email),
    field(row.display_name),
    field(row.hash),
    row.plain ? "t" : "f",
    flag(row.is_admin),
    flag(row.verified),
    flag(row.disabled),
    `${field(row.created_at)}\n`,
  ].join("\t");
}

const flag = (value: boolean | null) => (value === null ? "\\N" : value ? "t" : "f");

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** @see https://www.postgresql.org/docs/current/sql-copy.html (Text Format) */
function field(value: string | null): string {
  if (value === null) return "\\N";
  return /[\\\t\n\r]/.test(value)
    ? value.replaceAll(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? "")
    : value;
}
