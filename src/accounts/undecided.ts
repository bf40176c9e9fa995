import { AuthgraftError, DatabaseError } from "../errors.ts";

/** What an error means that kept something from being decided or done: neither yes nor no, try again. */
export function undecided(error: unknown): AuthgraftError {
  if (error instanceof AuthgraftError) return error;
  return new DatabaseError("database_error", "The database cannot say.", { cause: error });
}
