import { quoteIdentifier } from "../postgres/identifiers.ts";
import type { AccountsContext } from "./context.ts";
import { describeError } from "./describe-error.ts";
import type { Account } from "./find-account.ts";
import { hasId } from "./users-table.ts";

/**
 * Stores a new hash in place of an outdated one, unless somebody changed it meanwhile (compare and swap).
 * A login never fails by it: the next one tries again.
 */
export async function renewHash(
  { pool, table, passwords, rehash, logger }: AccountsContext,
  { id, stored_hash: outdated }: Account,
  password: string,
): Promise<void> {
  if (rehash === "never") return;
  const column = quoteIdentifier(table.mapping.password_hash);
  try {
    await pool.query(
      `UPDATE ${table.name} AS u SET ${column} = $2 WHERE ${hasId(table, 1)} AND u.${column} = $3`,
      [id, await passwords.hash(password), outdated],
    );
  } catch (error) {
    logger.warn(
      { error: describeError(error), user_id: id },
      "an outdated password hash could not be renewed",
    );
  }
}
