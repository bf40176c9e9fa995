import { Refusal, SignInError } from "../errors.ts";
import type { Verification } from "../passwords/passwords.ts";
import { withTransaction } from "../postgres/transaction.ts";
import type { Admission } from "../throttling/throttle.ts";
import { audit, NOBODY } from "./audit.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { type Account, type Credentials, findAccount } from "./find-account.ts";
import { foldName } from "./fold-name.ts";
import { runHook } from "./hooks.ts";
import { startSession } from "./sessions.ts";
import type { SignedIn } from "./signed-in.ts";
import { toUser } from "./user.ts";

/** Signs in with a password. */
export type Login = (credentials: Credentials, caller?: Caller) => Promise<SignedIn>;

/** Why a login was refused: for the audit log, and for nobody who tries. */
type Reason = "unknown_user" | "disabled" | "no_password" | "wrong_password" | "refused_by_application";

/**
 * Makes `login`. Whatever is wrong (no such user, two of them, no password, the wrong one, deleted,
 * disabled) it throws the same SignInError `invalid_credentials` after the same work; ThrottledError
 * `too_many_requests` before any; OverloadedError `overloaded`, SignInError `request_abandoned`, Refusal or
 * AuthgraftError `hook_failed` from `onLogin`, DatabaseError.
 */
export function createLogin(context: AccountsContext): Login {
  const { pool, table, throttle, devices, renewals } = context;
  return async (credentials, caller = {}) => {
    const found = await findAccount(pool, table, credentials);
    const name = nameOf(credentials);
    const device =
      found === null
        ? undefined
        : devices.known(caller.device, { userId: found.id, generation: found.generation });
    const admission = await throttle.guess({ account: name, address: caller.address, device });
    const verification = await look(
      context,
      admission,
      { found, name, password: credentials.password },
      caller,
    );
    if (found === null || found.is_disabled || verification === "no-match") {
      admission.failed();
      await noteFailure(context, found, reasonOf(found), caller);
      throw refused();
    }
    const started = await letIn(context, admission, found, caller);
    if (verification === "match-outdated") renewals.renew(found, credentials.password);
    return { ...started, user: toUser(found) };
  };
}

interface Guess {
  readonly found: Account | null;
  readonly name: string;
  readonly password: string;
}

/** What could not be looked at was no guess. */
async function look(
  { passwords }: AccountsContext,
  admission: Admission,
  { found, name, password }: Guess,
  { address, signal }: Caller,
): Promise<Verification> {
  // Whoever may not come in is verified against nothing: the right password must not be told by the time it takes.
  const hash = found === null || found.is_disabled ? null : found.stored_hash;
  try {
    return await passwords.verify(hash, password, { address, account: name, signal });
  } catch (error) {
    await admission.giveBack();
    throw error;
  }
}

/** Whoever knows the password has guessed at nothing, whether they come in or not. */
async function letIn(
  context: AccountsContext,
  admission: Admission,
  account: Account,
  caller: Caller,
): Promise<Pick<SignedIn, "token" | "refresh_token">> {
  try {
    const started = await start(context, account, caller);
    if (started === null) {
      await noteFailure(context, account, "disabled", caller);
      throw refused();
    }
    await admission.succeeded();
    return started;
  } catch (error) {
    await admission.giveBack();
    if (error instanceof Refusal) await noteFailure(context, account, "refused_by_application", caller);
    throw error;
  }
}

/** One statement, unless the application wants a word in it. */
async function start(context: AccountsContext, account: Account, caller: Caller) {
  const { pool, tokens, configuration } = context;
  const subject = { userId: account.id, generation: account.generation };
  const mint = await tokens.minter();
  if (configuration.hooks.onLogin === undefined) {
    return startSession(pool, context, mint, subject, caller, "login");
  }
  return withTransaction(pool, async (client) => {
    const started = await startSession(client, context, mint, subject, caller, "login");
    const event = { user: toUser(account), method: "password" } as const;
    if (started !== null) await runHook(client, context, "onLogin", event, caller);
    return started;
  });
}

function reasonOf(found: Account | null): Reason {
  if (found === null) return "unknown_user";
  if (found.is_disabled) return "disabled";
  return found.stored_hash === null || found.stored_hash === "" ? "no_password" : "wrong_password";
}

/** The name that was given is not written down: some type their password there. */
async function noteFailure(
  context: AccountsContext,
  found: Account | null,
  reason: Reason,
  caller: Caller,
): Promise<void> {
  const failure = { event: "login", result: "failure", actor: NOBODY } as const;
  await audit(context.pool, context, { ...failure, userId: found?.id ?? null, detail: { reason } }, caller);
}

/** By the name that was given, whether there is such a user or not: neither the queue nor the throttle must tell. */
function nameOf(credentials: Credentials): string {
  const [kind, name] = "email" in credentials ? ["email", credentials.email] : ["name", credentials.username];
  return `${kind} ${foldName(name)}`;
}

function refused(): SignInError {
  return new SignInError("invalid_credentials", "Invalid credentials");
}
