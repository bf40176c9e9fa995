import type { FieldError } from "../accounts/fields/field-error.ts";
import type { ErrorCode } from "../errors.ts";

/** Codes of problems that HTTP itself brings about. */
export type HttpProblemCode =
  | "body_invalid"
  | "body_too_large"
  | "jwks_unavailable"
  | "media_type_unsupported"
  | "method_not_allowed"
  | "not_found"
  | "request_invalid";

/** The status that each of them has. */
export const HTTP_STATUS: Readonly<Record<HttpProblemCode, number>> = {
  body_invalid: 400,
  body_too_large: 413,
  jwks_unavailable: 404,
  media_type_unsupported: 415,
  method_not_allowed: 405,
  not_found: 404,
  request_invalid: 400,
};

/** What an error response says (RFC 9457), and the header fields that go with it. */
export interface Problem {
  readonly status: number;
  readonly code: ErrorCode | HttpProblemCode;
  readonly detail?: string | undefined;
  readonly errors?: readonly FieldError[] | undefined;
  /** What OAuth clients look for (RFC 6749, 5.2). */
  readonly error?: "invalid_request" | "invalid_client" | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** What a problem of this kind says besides (RFC 9457, 3.2). */
  readonly members?: Readonly<Record<string, unknown>> | undefined;
}

/** What a status means, in the words of RFC 9110. */
export const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** A problem on its way out. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** Writes a problem as a response: the one place where error responses are made. */
export function problemResponse({
  status,
  code,
  detail,
  errors,
  error,
  headers,
  members,
}: Problem): Response {
  const body = {
    type: `urn:authgraft:problem:${code}`,
    title: TITLES[status] ?? "Error",
    status,
    code,
    detail,
    errors,
    error,
    ...members,
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...headers, "content-type": "application/problem+json" },
  });
}
