import { AuthgraftError, DatabaseError, MigrationError } from "../../errors.ts";
import { isConnectionFailure, SqlState, sqlState } from "../../postgres/sqlstate.ts";

/**
 * What PostgreSQL said, as an error of ours with something to do about it; errors that are ours already, and
 * defects, go through as they are.
 */
export function explainError(error: unknown): unknown {
  if (error instanceof AuthgraftError || !(error instanceof Error)) return error;
  if (isConnectionFailure(error)) {
    return new DatabaseError("database_unreachable", `The connection ended: ${error.message}.`, {
      fix: "Whatever was done before stands; it is safe to run the same command again.",
      cause: error,
    });
  }
  const state = sqlState(error);
  if (state === SqlState.insufficientPrivilege) {
    return new MigrationError("refused", `PostgreSQL does not allow it: ${error.message}.`, {
      fix: "Run as the owner of the users table, or as a role that is a member of it: GRANT its owner TO that role.",
      cause: error,
    });
  }
  if (state === SqlState.lockNotAvailable) {
    return new MigrationError(
      "lock_timeout",
      `Somebody holds what has to be read or written: ${error.message}.`,
      {
        fix: "Let them end (pg_locks says who it is), then run the same command again.",
        cause: error,
      },
    );
  }
  if (state === undefined) return error;
  return new DatabaseError("database_error", `PostgreSQL says: ${error.message} (${state}).`, {
    fix: "Put right what it says, and run the same command again; what was done before stands.",
    cause: error,
  });
}
