import type { Hook, HookContext, HookEvents } from "../config/own-functions.ts";
import { AuthgraftError, Refusal } from "../errors.ts";
import type { Queryable } from "../postgres/client.ts";
import { type Caller, describeCaller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { describeError } from "./describe-error.ts";

/** Milliseconds that a hook has; a transaction waits for it. */
const PATIENCE = 5_000;

/**
 * Runs a hook of the application's, where it has one, in the transaction of what it is told of.
 *
 * @throws Refusal, where the hook says no; AuthgraftError `hook_failed` where it throws anything else or
 *   takes longer than five seconds. The transaction must not be committed then.
 */
export async function runHook<Name extends keyof HookEvents>(
  client: Queryable,
  { configuration, logger }: Pick<AccountsContext, "configuration" | "logger">,
  name: Name,
  event: HookEvents[Name],
  caller: Caller,
): Promise<void> {
  const hook = configuration.hooks[name] as Hook<Name> | undefined;
  if (hook === undefined) return;
  const lent = lend(client, caller);
  try {
    await inTime((async () => hook(event, lent.context))());
  } catch (error) {
    if (error instanceof Refusal) throw error;
    logger.error({ hook: name, error: describeError(error) }, "a hook failed");
    throw new AuthgraftError("hook_failed", "The application could not take this just now.", {
      cause: error,
    });
  } finally {
    lent.takeBack();
  }
}

/** A hook that goes on after its time must not write into whatever the connection is used for next. */
function lend(client: Queryable, caller: Caller): { context: HookContext; takeBack: () => void } {
  let isOver = false;
  const context: HookContext = {
    ...describeCaller(caller),
    async query(text, values) {
      if (isOver) throw new Error("the hook's transaction is over");
      return client.query(text, values);
    },
  };
  const takeBack = () => {
    isOver = true;
  };
  return { context, takeBack };
}

async function inTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${PATIENCE} ms`)), PATIENCE);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
