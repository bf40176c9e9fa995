import type { ErrorHandler } from "hono";
import { describeError } from "../accounts/describe-error.ts";
import type { Logger } from "../accounts/logger.ts";
import { problemResponse } from "./problem.ts";
import { toProblem } from "./to-problem.ts";

/** Answers whatever a route throws; what is no fault of the caller's is logged. */
export function answerErrors({ logger }: { readonly logger: Logger }): ErrorHandler {
  return (error, context) => {
    const problem = toProblem(error);
    if (problem.status >= 500) {
      const details = { error: describeError(error), request_id: context.get("requestId") };
      logger.error(details, "a request failed");
    }
    return problemResponse(problem);
  };
}
