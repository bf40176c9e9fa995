import { RequestError } from "@hono/node-server";
import { describeError } from "../accounts/describe-error.ts";
import type { Logger } from "../accounts/logger.ts";
import { SECURITY_HEADERS } from "./middleware/security-headers.ts";
import { problemResponse } from "./problem.ts";

/** Answers, as every error is answered, what Node.js takes for a request and the Fetch API has no URL for. */
export function answerUnreadable(logger: Logger): (error: unknown) => Response {
  return (error) => {
    const isTheirs = error instanceof RequestError;
    const status = isTheirs ? 400 : 500;
    if (!isTheirs) logger.error({ error: describeError(error) }, "a request failed");
    logger.info({ method: null, route: null, status, duration_ms: 0 }, "request");
    return problemResponse({
      status,
      code: isTheirs ? "request_invalid" : "internal",
      detail: isTheirs ? "The request's target or Host header is not valid." : undefined,
      headers: SECURITY_HEADERS,
    });
  };
}
