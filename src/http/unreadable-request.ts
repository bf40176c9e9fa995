import { randomUUID } from "node:crypto";
import { RequestError } from "@hono/node-server";
import { describeError } from "../accounts/describe-error.ts";
import type { Logger } from "../accounts/logger.ts";
import { SECURITY_HEADERS } from "./middleware/security-headers.ts";
import { type Problem, problemResponse } from "./problem.ts";

/** Answers, as every error is answered, what Node.js takes for a request and the Fetch API has no URL for. */
export function answerUnreadable(logger: Logger): (error: unknown) => Response {
  return (error) => {
    const problem = problemOf(error);
    const id = randomUUID();
    if (problem.status >= 500) {
      logger.error({ error: describeError(error), request_id: id }, "a request failed");
    }
    const { status } = problem;
    logger.info({ method: null, route: null, status, duration_ms: 0, request_id: id }, "request");
    return problemResponse({ ...problem, headers: { ...SECURITY_HEADERS, "x-request-id": id } });
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
