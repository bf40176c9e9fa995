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

/** The same; what is none is thrown on. */
export function refusalOrThrow(error: unknown): Response {
  const refused = refusal(error);
  if (refused === undefined) throw error;
  return refused;
}

/**
 * Gives an error that refuses a request the status and the headers of its answer, in the properties that frameworks' own
 * handling of errors looks for.
 */
export function withStatus(error: unknown): unknown {
  const { status, headers = {} } = toProblem(error);
  if (!REFUSALS.includes(status) || !(error instanceof Error)) return error;
  return Object.assign(error, { statusCode: status, headers });
}
