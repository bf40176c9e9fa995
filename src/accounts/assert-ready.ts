import { MigrationError } from "../errors.ts";
import { quoteIdentifier } from "../postgres/identifiers.ts";
import { sqlState } from "../postgres/sqlstate.ts";
import type { AccountsContext } from "./context.ts";

/** Something the statement names is not there: a table, a column, a schema. */
const MISSING: ReadonlySet<string> = new Set(["42P01", "42703", "3F000"]);

/**
 * Makes `assertReady`: one statement that names all that requests need and reads no row. It throws
 * DatabaseError where the database does not answer, MigrationError `not_grafted` where something was taken
 * out since the start.
 */
export function createAssertReady({
  pool,
  table,
  configuration,
}: Pick<AccountsContext, "pool" | "table" | "configuration">): () => Promise<void> {
  const { email, password_hash } = table.mapping;
  const text = `SELECT u.${quoteIdentifier(email)}, u.${quoteIdentifier(password_hash)}, r.jti
    FROM ${table.name} u, ${table.revokedTokens} r, ${table.accounts} a, ${table.sessions} s,
         ${quoteIdentifier(configuration.schema)}.signing_keys k WHERE false`;
  return async () => {
    try {
      await pool.query(text);
    } catch (error) {
      if (!MISSING.has(sqlState(error) ?? "")) throw error;
      throw new MigrationError("not_grafted", "The database is not grafted any more.", {
        fix: 'Run "authgraft status" to see what is missing, and "authgraft up" to make it.',
        cause: error,
      });
    }
  };
}
