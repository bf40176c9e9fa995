import type { Problem } from "./operations.ts";

/** What can be wrong with a field of a request. */
export type FieldProblem = NonNullable<Problem["errors"]>[number];

/** A code of the server's, or `response_unexpected`: what answered was no Authgraft, but a proxy before it, say. */
export type ApiErrorCode = Problem["code"] | "response_unexpected";

/** An answer of the server that is no success. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  /** What to decide by: it does not change, texts may. */
  readonly code: ApiErrorCode;
  /** For a person, in English. */
  readonly detail: string | undefined;
  /** Field by field, where the fields of the request are at fault. */
  readonly errors: readonly FieldProblem[];
  /** Seconds after which to try again, where the server says so. */
  readonly retryAfter: number | undefined;
  /** By which the request is found in the server's log. */
  readonly requestId: string | undefined;

  constructor(response: Response, problem: Partial<Problem>) {
    const code = problem.code ?? "response_unexpected";
    super(problem.detail ?? `${problem.title ?? "The server answered"} (${response.status}, ${code})`);
    this.status = response.status;
    this.code = code;
    this.detail = problem.detail;
    this.errors = problem.errors ?? [];
    this.retryAfter = numberIn(response.headers.get("retry-after"));
    this.requestId = response.headers.get("x-request-id") ?? undefined;
  }
}

/** Reads a refusal. */
export async function readApiError(response: Response): Promise<ApiError> {
  const text = await response.text();
  const isProblem = response.headers.get("content-type")?.startsWith("application/problem+json") ?? false;
  return new ApiError(response, isProblem ? parseProblem(text) : {});
}

/** Nothing where a proxy wrote it, or broke it off. */
function parseProblem(text: string): Partial<Problem> {
  try {
    const problem: unknown = JSON.parse(text);
    return typeof problem === "object" && problem !== null ? problem : {};
  } catch {
    return {};
  }
}

function numberIn(text: string | null): number | undefined {
  return text !== null && /^\d+$/.test(text) ? Number(text) : undefined;
}
