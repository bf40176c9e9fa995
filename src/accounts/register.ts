import { SignInError } from "../errors.ts";
import { SqlState, sqlState } from "../postgres/sqlstate.ts";
import { withTransaction } from "../postgres/transaction.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { describeError } from "./describe-error.ts";
import { findTaken, takenByViolation } from "./duplicates.ts";
import { FieldsError, throwIfAny } from "./fields/field-error.ts";
import { findFieldErrors, type Registration, registrationFields } from "./fields/registration-fields.ts";
import { assertRegistrable, insertUser } from "./insert-user.ts";
import { createAccountsPolicy } from "./password-policy.ts";
import { startSession } from "./sessions.ts";
import type { SignedIn } from "./signed-in.ts";
import { toUser, type User } from "./user.ts";

/** Makes an account with a password, and signs it in. */
export type Register = (registration: Registration, caller?: Caller) => Promise<SignedIn>;

/**
 * Makes `register`: a new row in the users table and a session for it, both or neither.
 *
 * It throws FieldsError (`field_invalid`, `password_common`, `email_taken` …), SignInError
 * `registration_closed` or `request_abandoned`, OverloadedError `overloaded`, DatabaseError.
 *
 * @throws ConfigurationError `configuration_invalid` where nobody could register on this table.
 */
export function createRegister(context: AccountsContext): Register {
  const { pool, table, configuration, passwords } = context;
  if (configuration.registration.mode === "off") return refuse;
  assertRegistrable(table, configuration.registration, passwords.hashLength);
  const fields = registrationFields(table, configuration.passwords);
  const policy = createAccountsPolicy(context);
  return async (registration, caller = {}) => {
    throwIfAny(await findFieldErrors(registration, fields, policy));
    throwIfAny(await findTaken(pool, table, registration));
    // By address alone: there is no account yet that somebody could keep its owner out of.
    const { address, signal } = caller;
    const hash = await passwords.hash(registration.password, { address, signal });
    try {
      return await insert(context, registration, hash, caller);
    } catch (error) {
      throw await explain(error, context, registration);
    }
  };
}

async function refuse(): Promise<never> {
  throw new SignInError("registration_closed", "Registration is closed.");
}

async function insert(
  context: AccountsContext,
  { email, username, display_name }: Registration,
  hash: string,
  caller: Caller,
): Promise<SignedIn> {
  const { pool, table, configuration, tokens } = context;
  const id = configuration.registration.generateId?.();
  const statement = insertUser(table, configuration.registration, {
    ...{ id, email, username, display_name },
    password_hash: hash,
  });
  const mint = await tokens.minter();
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<User>(statement.text, statement.values);
    const [row] = rows;
    if (row === undefined) throw refusedByRules(new Error("a trigger or a rule kept the new row out"));
    const subject = { userId: row.id, generation: 0 };
    const started = await startSession(client, context, mint, subject, caller);
    if (started === null) throw new Error("the new row is deleted or disabled from the start");
    return { ...started, user: toUser(row) };
  });
}

/**
 * The application's own rules about what may stand in the table: CHECKs, lengths, types, references,
 * exclusions, triggers that object. A NULL where none may be is none of them: nobody could send the value.
 */
const OWN_RULES = /^(22...|23503|23514|23P01|P0001)$/;

async function explain(
  error: unknown,
  { pool, table, logger }: AccountsContext,
  registration: Registration,
): Promise<unknown> {
  const state = sqlState(error);
  if (state === SqlState.uniqueViolation) {
    const taken = takenByViolation(error, table);
    if (taken !== null) return new FieldsError(taken);
    const [first, ...others] = await findTaken(pool, table, registration);
    if (first !== undefined) return new FieldsError(first, ...others);
  }
  const refusal = state !== undefined && OWN_RULES.test(state) ? refusedByRules(error) : error;
  // Which rule it was is for whoever runs the server: a value of the configuration may be what it refuses.
  if (isRefusedByRules(refusal)) {
    logger.warn(
      { error: describeError(refusal.cause) },
      "the application's own rules refused a registration",
    );
  }
  return refusal;
}

function refusedByRules(cause: unknown): SignInError {
  return new SignInError("field_invalid", "The application's own rules refuse these values.", { cause });
}

function isRefusedByRules(error: unknown): error is SignInError {
  return error instanceof SignInError && error.code === "field_invalid" && error.cause !== undefined;
}
