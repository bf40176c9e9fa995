import type { Bridge } from "../config/own-functions.ts";
import { AuthgraftError, Refusal, SignInError } from "../errors.ts";
import { withTransaction } from "../postgres/transaction.ts";
import { audit, NOBODY } from "./audit.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { describeError } from "./describe-error.ts";
import { type Account, findAccountById } from "./find-account.ts";
import { runHook } from "./hooks.ts";
import { inTime } from "./in-time.ts";
import { noteRefusal } from "./note-refusal.ts";
import { startSession } from "./sessions.ts";
import type { SignedIn } from "./signed-in.ts";
import { toUser } from "./user.ts";

/** Signs in whoever the old application vouches for. */
export type SignInByBridge = (request: Request, caller?: Caller) => Promise<SignedIn>;

/** Milliseconds that the old application has to answer. */
const PATIENCE = 5_000;

/**
 * Makes `bridge`; null where the configuration has none. It throws SignInError `bridge_refused` where the old
 * application knows nobody, or somebody who is not there, deleted or disabled; AuthgraftError `bridge_failed` where it
 * throws, answers what is no id, or takes too long; Refusal or AuthgraftError `hook_failed` from the application's
 * hook, DatabaseError.
 */
export function createBridge(context: AccountsContext): SignInByBridge | null {
  const { pool, table, configuration } = context;
  const { bridge } = configuration;
  if (bridge === undefined) return null;
  return async (request, caller = {}) => {
    const id = await ask(context, bridge, request);
    const account = id === null ? null : await findAccountById(pool, table, id);
    if (account === null || account.is_disabled) {
      const reason = id === null ? "nobody" : account === null ? "unknown_user" : "disabled";
      await noteFailure(context, account, reason, caller);
      throw refused();
    }
    return await signIn(context, account, caller).catch(async (error: unknown) => {
      if (error instanceof Refusal) await noteFailure(context, account, "refused_by_application", caller);
      throw error;
    });
  };
}

/** Anybody may ask as often as they like: each address is written down as often as guesses are. */
async function noteFailure(
  context: AccountsContext,
  account: Account | null,
  reason: "nobody" | "unknown_user" | "disabled" | "refused_by_application",
  caller: Caller,
): Promise<void> {
  const userId = account?.id ?? null;
  const refusal = { event: "bridged", actor: NOBODY, userId, detail: { reason } } as const;
  await noteRefusal(context, caller.address ?? "", refusal, caller);
}

async function ask(
  { logger }: Pick<AccountsContext, "logger">,
  bridge: Bridge,
  request: Request,
): Promise<string | null> {
  try {
    return toId(await inTime(PATIENCE, (async () => bridge(request))()));
  } catch (error) {
    logger.error({ error: describeError(error) }, "the bridge failed");
    throw new AuthgraftError("bridge_failed", "The old application could not be asked just now.", {
      cause: error,
    });
  }
}

/** JavaScript's callers are not held to types; a number that was rounded is somebody else's id. */
function toId(answer: unknown): string | null {
  if (answer === null || answer === undefined) return null;
  if (typeof answer === "string" || typeof answer === "bigint") return String(answer);
  if (typeof answer === "number" && Number.isSafeInteger(answer)) return String(answer);
  throw new TypeError("what the bridge answered is neither an id nor null");
}

async function signIn(context: AccountsContext, account: Account, caller: Caller): Promise<SignedIn> {
  const mint = await context.tokens.minter();
  const user = toUser(account);
  const subject = { userId: account.id, generation: account.generation };
  return withTransaction(context.pool, async (client) => {
    const started = await startSession(client, context, mint, subject, caller);
    if (started === null) throw refused();
    await audit(client, context, { event: "bridged", userId: account.id }, caller);
    await runHook(client, context, "onLogin", { user, method: "bridge" }, caller);
    return { ...started, user };
  });
}

function refused(): SignInError {
  return new SignInError("bridge_refused", "The old application does not know who you are.");
}
