import { SignInError } from "../errors.ts";
import { FETCHED_TEXT } from "../passwords/registry.ts";
import type { AccessTokenClaims } from "../tokens/access-claims.ts";
import { audit } from "./audit.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { FieldsError } from "./fields/field-error.ts";
import { guessPassword, type PresentedPassword } from "./guess-password.ts";
import { undecided } from "./undecided.ts";
import { columnOf, hasId, isAlive } from "./users-table.ts";

type Holder = Pick<AccessTokenClaims, "userId" | "sessionId" | "generation">;

/**
 * Asks whoever is signed in to show once more that they are who they are: by their password where they have one,
 * else by a session that began within `sessions.recentSeconds`. To be called outside a transaction.
 *
 * @param field what the request calls the password.
 * @throws FieldsError `field_required` or `field_invalid`, about the password; SignInError `recent_login_required`,
 *   `invalid_token` or `request_abandoned`; ThrottledError `too_many_requests`; OverloadedError `overloaded`; DatabaseError.
 */
export async function proveItIsYou(
  context: AccountsContext,
  holder: Holder,
  password: string | undefined,
  caller: Caller,
  field = "password",
): Promise<void> {
  const { stored_hash, is_recent } = await readProofs(context, holder);
  if (stored_hash !== null) {
    if (password === undefined) throw missing(field);
    if (await isPassword(context, holder, { stored_hash, password }, caller)) return;
    throw notYourPassword(field);
  }
  if (!is_recent) throw notRecent();
}

/** The refusal of a password that is not the user's. */
export function notYourPassword(field: string): FieldsError {
  return new FieldsError({ field, code: "field_invalid", message: "This is not your password." });
}

/** The refusal of a session that began too long ago. */
export function notRecent(): SignInError {
  return new SignInError("recent_login_required", "Sign in again, and then do this.");
}

function missing(field: string): FieldsError {
  return new FieldsError({ field, code: "field_required", message: `The field ${field} is missing.` });
}

/** By what a user can show who they are. */
export interface Proofs {
  /** Null where they have no password. */
  readonly stored_hash: string | null;
  /** Whether the session began within `sessions.recentSeconds`. */
  readonly is_recent: boolean;
}

/** @throws SignInError `invalid_token`; DatabaseError. */
export async function readProofs(
  { pool, table, configuration }: AccountsContext,
  { userId, sessionId }: Holder,
): Promise<Proofs> {
  const hash = columnOf(table, table.mapping.password_hash);
  const { rows } = await pool
    .query<Proofs>(
      `SELECT nullif(left(${hash}::text, ${FETCHED_TEXT}), '') AS stored_hash,
              s.created_at > now() - make_interval(secs => $3::float8) AS is_recent
         FROM ${table.name} u JOIN ${table.sessions} s ON s.user_id = u.${table.id}
        WHERE ${hasId(table, 1)} AND s.id = $2::uuid AND ${isAlive(table)}`,
      [userId, sessionId, configuration.sessions.recentSeconds],
    )
    .catch((error: unknown) => {
      throw undecided(error);
    });
  if (rows[0] === undefined) throw new SignInError("invalid_token", "The access token is not valid.");
  return rows[0];
}

/**
 * Whether a password is that of whoever is signed in; nobody's where there is none. Counted before it is looked at:
 * whoever has found a signed-in device gets no more guesses than others. One that is not theirs is written down.
 *
 * @throws ThrottledError `too_many_requests`; OverloadedError `overloaded`; SignInError `request_abandoned`; DatabaseError.
 */
export async function isPassword(
  context: AccountsContext,
  holder: Holder,
  presented: PresentedPassword,
  caller: Caller,
): Promise<boolean> {
  const isTheirs = await lookAt(context, holder, presented, caller);
  if (!isTheirs) {
    const reason = presented.stored_hash === null ? "no_password" : "wrong_password";
    const { userId, sessionId } = holder;
    const failure = { event: "password_refused", result: "failure", userId, sessionId } as const;
    await audit(context.pool, context, { ...failure, detail: { reason } }, caller);
  }
  return isTheirs;
}

function lookAt(
  context: AccountsContext,
  { userId, generation }: Holder,
  presented: PresentedPassword,
  caller: Caller,
): Promise<boolean> {
  const device = context.devices.known(caller.device, { userId, generation });
  return guessPassword(context, { account: `id ${userId}`, device }, presented, caller);
}
