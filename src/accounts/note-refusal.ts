import { OverloadedError, ThrottledError } from "../errors.ts";
import { audit, type Happening } from "./audit.ts";
import type { Caller } from "./caller.ts";
import type { AccountsContext } from "./context.ts";
import { describeError } from "./describe-error.ts";

type Parts = Pick<AccountsContext, "pool" | "configuration" | "throttle" | "logger">;

/**
 * Writes down a refusal that nobody is kept waiting for, however often they come: no more of one `name` than there may
 * be guesses at one account, so that nobody fills the audit log. It never throws; the refusal is the answer in any case.
 */
export async function noteRefusal(
  parts: Parts,
  name: string,
  happening: Omit<Happening, "result">,
  caller: Caller,
): Promise<void> {
  try {
    (await parts.throttle.guess({ account: `refused ${happening.event} ${name}` })).failed();
    await audit(parts.pool, parts, { ...happening, result: "failure" }, caller);
  } catch (error) {
    if (error instanceof ThrottledError || error instanceof OverloadedError) return;
    parts.logger.warn(
      { event: happening.event, error: describeError(error) },
      "a refusal could not be written down",
    );
  }
}
