import { AuthgraftError, ConfigurationError } from "../errors.ts";
import type { Queryable } from "../postgres/client.ts";
import { withTransaction } from "../postgres/transaction.ts";
import { audit } from "./audit.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import type { Identity } from "./current-user.ts";
import { endSessions } from "./end-sessions.ts";
import { runHook } from "./hooks.ts";
import { lockHolder } from "./lock-account.ts";
import { dropLinks } from "./one-time-tokens.ts";
import { proveItIsYou } from "./prove-it-is-you.ts";
import { nameOf } from "./send-verification.ts";
import { undecided } from "./undecided.ts";
import type { User } from "./user.ts";
import { hasId } from "./users-table.ts";

/** Closes the account of whoever asks. */
export type CloseAccount = (
  identity: Pick<Identity, "claims">,
  request?: { readonly password?: string | undefined },
  caller?: Caller,
) => Promise<void>;

/**
 * Makes `closeAccount`. With `closeAccount: "disable"` the row stays as it is, and nobody signs in by it any more; with
 * `"delete"` the hook `deleteUser` has to take it away, for only the application knows what goes with it.
 *
 * It throws FieldsError about the password, SignInError `recent_login_required`, `invalid_token` or
 * `request_abandoned`, Refusal or AuthgraftError `hook_failed` from the application's hooks, ThrottledError
 * `too_many_requests`, OverloadedError `overloaded`, DatabaseError.
 *
 * @throws ConfigurationError `configuration_invalid` where it is to delete, and no hook does.
 */
export function createCloseAccount(context: AccountsContext): CloseAccount {
  const { pool, configuration, mailer } = context;
  const isDeleting = configuration.closeAccount === "delete";
  if (isDeleting && configuration.hooks.deleteUser === undefined) throw withoutHook();
  const close = isDeleting ? deleteRow : disable;
  return async ({ claims }, { password } = {}, caller = {}) => {
    await proveItIsYou(context, claims, password, caller);
    await withTransaction(pool, async (client) => {
      const user = await lockHolder(client, context, claims);
      await runHook(client, context, "onCloseAccount", { user }, caller);
      await close(client, context, user, caller);
      await tell(client, context, user, caller);
      const { userId, sessionId } = claims;
      const detail = { mode: configuration.closeAccount };
      await audit(client, context, { event: "account_closed", userId, sessionId, detail }, caller);
    }).catch((error: unknown) => {
      throw undecided(error);
    });
    mailer.wake();
  };
}

function withoutHook(): ConfigurationError {
  return new ConfigurationError(
    "configuration_invalid",
    'closeAccount: "delete" needs the hook deleteUser, which deletes the row.',
    { fix: 'Set hooks.deleteUser in the configuration, or closeAccount: "disable".' },
  );
}

async function disable(client: Queryable, context: AccountsContext, { id }: User): Promise<void> {
  const { table } = context;
  await client.query(
    `INSERT INTO ${table.accounts} AS a (user_id, disabled_at, closed_at)
     SELECT u.${table.id}, now(), now() FROM ${table.name} u WHERE ${hasId(table, 1)}
     ON CONFLICT (user_id) DO UPDATE SET disabled_at = coalesce(a.disabled_at, now()), closed_at = now()`,
    [id],
  );
  await endSessions(client, context, id);
  await dropLinks(client, context, id);
}

/** What of the graft's is about the user goes with the row, by its foreign keys. */
async function deleteRow(
  client: Queryable,
  context: AccountsContext,
  user: User,
  caller: Caller,
): Promise<void> {
  const { table, logger } = context;
  await runHook(client, context, "deleteUser", { user }, caller);
  const { rows } = await client.query(`SELECT FROM ${table.name} u WHERE ${hasId(table, 1)}`, [user.id]);
  if (rows.length === 0) return;
  logger.error({ hook: "deleteUser" }, "a hook left the row that it was to delete");
  throw new AuthgraftError("hook_failed", "The application could not take this just now.");
}

async function tell(
  client: Queryable,
  { mailer }: AccountsContext,
  user: User,
  { language }: Caller,
): Promise<void> {
  if (!mailer.isAvailable || user.email === null) return;
  const details = { name: nameOf(user) };
  await mailer.enqueue(client, { kind: "account-closed", to: user.email, language, details });
}
