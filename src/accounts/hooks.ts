import type { Hook, HookContext, HookEvents } from "../config/own-functions.ts";
import { AuthgraftError, Refusal } from "../errors.ts";
import type { Queryable } from "../postgres/client.ts";
import { type Caller, describeCaller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { describeError } from "./describe-error.ts";
import { inTime } from "./in-time.ts";

/** Milliseconds that a hook has; a transaction waits for it. */
const PATIENCE = 5_000;

/**
 * No statement of a hook takes longer either, for the rest of the transaction: one that waits for a lock of the
 * application's would hold a connection, and the row that is changed, until that is over. What is set shorter stays.
 */
const IN_TIME = `SELECT set_config('statement_timeout', '${PATIENCE}', true)
   WHERE current_setting('statement_timeout')::interval NOT BETWEEN interval '1 ms' AND interval '${PATIENCE} ms'`;

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
  await client.query(IN_TIME);
  await client.query("SAVEPOINT authgraft_hook");
  try {
    await inTime(PATIENCE, (async () => hook(event, lent.context))().then(lent.settled));
    // Fails where a statement of the hook's has, or has ended the transaction, whatever the hook made of that: COMMIT
    // would say nothing of either.
    await client.query("RELEASE SAVEPOINT authgraft_hook");
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

/** The transaction, as a hook has it for a while. */
interface Loan {
  readonly context: HookContext;
  /** Waits for statements that the hook has not waited for: what comes of them is decided before the COMMIT. */
  settled(): Promise<void>;
  takeBack(): void;
}

/** A hook that goes on after its time must not write into whatever the connection is used for next. */
function lend(client: Queryable, caller: Caller): Loan {
  let isOver = false;
  const underWay = new Set<Promise<unknown>>();
  const run = async <Row>(text: string, values?: readonly unknown[]) => {
    if (isOver) throw new Error("the hook's transaction is over");
    return client.query<Row>(text, values);
  };
  const context: HookContext = {
    ...describeCaller(caller),
    query<Row>(text: string, values?: readonly unknown[]) {
      const answer = run<Row>(text, values);
      // A hook that forgets an `await` must not end the process by what it never looks at.
      const seen = answer.catch(() => undefined).finally(() => underWay.delete(seen));
      underWay.add(seen);
      return answer;
    },
  };
  const takeBack = () => {
    isOver = true;
  };
  const settled = async () => {
    while (underWay.size > 0) await Promise.all(underWay);
  };
  return { context, settled, takeBack };
}
