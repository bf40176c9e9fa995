import { RequestError } from "@hono/node-server";
import { describeError } from "../accounts/describe-error.ts";
import type { Logger } from "../accounts/logger.ts";
import { SECURITY_HEADERS } from "./middleware/security-headers.ts";
import { type Problem, problemResponse } from "./problem.ts";

/** Answers, as every error is answered, what Node.js takes for a request and the Fetch API has no URL for. */
export function answerUnreadable(logger: Logger): (error: unknown) => Response {
  return (error) => {
    const problem = problemOf(error);
    if (problem.status >= 500) logger.error({ error: describeError(error) }, "a request failed");
    logger.info({ method: null, route: null, status: problem.status, duration_ms: 0 }, "request");
    return problemResponse({ ...problem, headers: SECURITY_HEADERS });
  };
}

function problemOf(error: unknown): Problem {
  if (!(error instanceof RequestError)) return { status: 500, code: "internal" };
  return {
    status: 400,
    code: "request_invalid",
    detail: "The request's target or Host header is not valid.",
  };
}
