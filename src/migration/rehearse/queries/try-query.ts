import type { Queryable } from "../../../postgres/client.ts";
import { quoteIdentifier } from "../../../postgres/identifiers.ts";
import { tokenize } from "../../../postgres/sql-tokens.ts";
import { SqlState, sqlState } from "../../../postgres/sqlstate.ts";
import { isWord } from "../../findings/functions/statement.ts";

/** Statements that read or write rows; others are not tried. */
const KINDS = ["select", "insert", "update", "delete", "with", "merge"] as const;

/** Whether a statement is one that can be tried. */
export function isTriable(sql: string): boolean {
  const first = tokenize(sql).find((token) => !(token.kind === "sign" && token.text === "("));
  return isWord(first, ...KINDS);
}

/** Prepares a statement and gives the types of its parameters, or what PostgreSQL says against it. */
export async function prepare(
  client: Queryable,
  name: string,
  sql: string,
): Promise<readonly string[] | Error> {
  try {
    await client.query(`PREPARE ${quoteIdentifier(name)} AS ${sql}`);
  } catch (error) {
    return asRefusal(error);
  }
  const { rows } = await client.query<{ types: string[] }>(
    "SELECT parameter_types::text[] AS types FROM pg_catalog.pg_prepared_statements WHERE name = $1",
    [name],
  );
  return rows[0]?.types ?? [];
}

/**
 * Runs a prepared statement in a transaction that is rolled back, and gives what PostgreSQL says against it or null.
 * EXPLAIN ANALYZE runs it whole and sends none of its rows, of which there may be millions.
 *
 * @see https://www.postgresql.org/docs/current/sql-explain.html
 */
export async function execute(
  client: Queryable,
  name: string,
  values: string,
  timeoutMilliseconds: number,
): Promise<Error | null> {
  const call = `EXECUTE ${quoteIdentifier(name)}${values === "" ? "" : `(${values})`}`;
  await client.query("BEGIN");
  try {
    await client.query(`SET LOCAL statement_timeout = ${timeoutMilliseconds}`);
    await client.query(`EXPLAIN (ANALYZE, TIMING off, COSTS off, SUMMARY off) ${call}`);
    await client.query("SET CONSTRAINTS ALL IMMEDIATE");
    return null;
  } catch (error) {
    return asRefusal(error);
  } finally {
    await client.query("ROLLBACK");
  }
}

/** PostgreSQL's refusal is an answer; anything else (a connection that broke) is thrown. */
function asRefusal(error: unknown): Error {
  if (error instanceof Error && sqlState(error) !== undefined) return error;
  throw error;
}

/** "cached plan must not change result type": PostgreSQL's answer to a `*` that was prepared before the change. */
export function isStalePlan(error: Error): boolean {
  return sqlState(error) === "0A000" && "routine" in error && error.routine === "RevalidateCachedQuery";
}

/** Whether the values are what PostgreSQL has something against: data exceptions and constraints. */
export function isAboutValues(error: Error): boolean {
  return /^2[23]/.test(sqlState(error) ?? "");
}

/** Whether it was given up for its time. */
export function isTimeout(error: Error): boolean {
  return sqlState(error) === SqlState.queryCanceled;
}
