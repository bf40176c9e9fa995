import { SignInError } from "../errors.ts";
import { SqlState, sqlState } from "../postgres/sqlstate.ts";
import type { AccountsContext } from "./context.ts";
import { describeError } from "./describe-error.ts";
import { findTaken, takenByViolation } from "./duplicates.ts";
import { FieldsError } from "./fields/field-error.ts";
import type { Registration } from "./fields/registration-fields.ts";

/** What somebody wanted to have in their row. */
interface Wanted extends Partial<Pick<Registration, "email" | "username">> {
  /** Whose row it is; none where it is a new one. */
  readonly id?: string;
  /** As the log calls it: a registration, a change. */
  readonly what: string;
}

/**
 * The application's own rules about what may stand in the table: CHECKs, lengths, types, references,
 * exclusions, triggers that object. A NULL where none may be is none of them: nobody could send the value.
 */
const OWN_RULES = /^(22...|23503|23514|23P01|P0001)$/;

/** What an error means with which an INSERT into the users table, or an UPDATE of it, failed. */
export async function explainRefusal(
  error: unknown,
  { pool, table, logger }: Pick<AccountsContext, "pool" | "table" | "logger">,
  { id, what, ...values }: Wanted,
): Promise<unknown> {
  const state = sqlState(error);
  if (state === SqlState.uniqueViolation) {
    const taken = takenByViolation(error, table);
    if (taken !== null) return new FieldsError(taken);
    const [first, ...others] = await findTaken(pool, table, values, id);
    if (first !== undefined) return new FieldsError(first, ...others);
  }
  const refusal = state !== undefined && OWN_RULES.test(state) ? refusedByRules(error) : error;
  // Which rule it was is for whoever runs the server: a value of the configuration may be what it refuses.
  if (isRefusedByRules(refusal)) {
    logger.warn({ error: describeError(refusal.cause) }, `the application's own rules refused ${what}`);
  }
  return refusal;
}

/** Values that no rule of Authgraft's refuses. */
export function refusedByRules(cause: unknown): SignInError {
  return new SignInError("field_invalid", "The application's own rules refuse these values.", { cause });
}

function isRefusedByRules(error: unknown): error is SignInError {
  return error instanceof SignInError && error.code === "field_invalid" && error.cause !== undefined;
}
