import { SECURITY_HEADERS } from "../http/middleware/security-headers.ts";
import { problemResponse } from "../http/problem.ts";
import { toProblem } from "../http/to-problem.ts";

/** Not signed in, not allowed, not to be decided just now. */
const REFUSALS: readonly number[] = [401, 403, 503];

/**
 * The answer that Authgraft's own routes give where they refuse a request with this error: a problem (RFC 9457) with its
 * headers. Undefined for every other error, which is the application's to handle.
 */
export function refusal(error: unknown): Response | undefined {
  const problem = toProblem(error);
  if (!REFUSALS.includes(problem.status)) return undefined;
  return problemResponse({ ...problem, headers: { ...SECURITY_HEADERS, ...problem.headers } });
}
