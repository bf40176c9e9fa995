import { HTTPException } from "hono/http-exception";
import { FieldsError } from "../accounts/fields/field-error.ts";
import { AuthgraftError, DatabaseError, type ErrorCode, OverloadedError, ThrottledError } from "../errors.ts";
import { MissingTokenError } from "./bearer.ts";
import { HTTP_STATUS, type Problem, ProblemError } from "./problem.ts";

/** Seconds after which trying again makes sense, where nobody knows better. */
const RETRY_AFTER = 1;

const STATUS: Partial<Record<ErrorCode, number>> = {
  invalid_credentials: 401,
  invalid_token: 401,
  invalid_client: 401,
  forbidden: 403,
  origin_refused: 403,
  registration_closed: 403,
  mail_unavailable: 403,
  link_invalid: 422,
  redirect_refused: 422,
  recent_login_required: 403,
  password_exists: 409,
  already_claimed: 409,
  not_claimable: 409,
  email_unchanged: 409,
  bridge_refused: 401,
  bridge_failed: 503,
  refused_by_application: 403,
  hook_failed: 503,
  too_many_requests: 429,
  admin_elsewhere: 409,
  cursor_invalid: 422,
  query_refused: 403,
  query_failed: 422,
  migration_running: 409,
  migration_failed: 409,
  refused: 409,
  lock_timeout: 503,
  user_unknown: 404,
  session_not_found: 404,
  email_taken: 409,
  username_taken: 409,
  field_invalid: 422,
  field_required: 422,
  field_unknown: 422,
  password_too_short: 422,
  password_too_long: 422,
  password_common: 422,
  password_guessable: 422,
  password_breached: 422,
  request_abandoned: 400,
  overloaded: 503,
  not_grafted: 503,
};

/** What the framework itself refuses, where it is stricter than our own checks before it. */
const BY_FRAMEWORK: Readonly<Record<number, Problem["code"]>> = {
  400: "body_invalid",
  415: "media_type_unsupported",
};

/** Every code that a problem can have, by its status. */
export function problemCodes(): ReadonlyMap<number, readonly string[]> {
  const all: readonly [string, number][] = [
    ...Object.entries(HTTP_STATUS),
    ...Object.entries(STATUS),
    ["internal", 500],
    ["database_unreachable", 503],
  ];
  const statuses = [...new Set(all.map(([, status]) => status))].toSorted();
  return new Map(
    statuses.map((status) => [status, all.filter(([, own]) => own === status).map(([code]) => code)]),
  );
}

/** What an error thrown on purpose says to the caller; everything else is a 500 that says nothing. */
export function toProblem(thrown: unknown): Problem {
  if (thrown instanceof ProblemError) return thrown.problem;
  const error = innermost(thrown);
  if (error instanceof DatabaseError) return unavailable("database_unreachable");
  if (error instanceof HTTPException) return byFramework(error);
  const status = error instanceof AuthgraftError ? STATUS[error.code] : undefined;
  if (!(error instanceof AuthgraftError) || status === undefined) return { status: 500, code: "internal" };
  if (error instanceof OverloadedError) return unavailable(error.code, error.retryAfterSeconds);
  if (status === 503) return unavailable(error.code);
  return {
    status,
    code: error.code,
    detail: error.code === "invalid_token" ? undefined : error.message,
    errors: error instanceof FieldsError ? error.fields : undefined,
    error: error.code === "invalid_client" ? error.code : undefined,
    headers: headersOf(error, status),
  };
}

function headersOf(error: AuthgraftError, status: number): Problem["headers"] {
  if (error instanceof ThrottledError) return { "retry-after": String(error.retryAfterSeconds) };
  return status === 401 ? { "www-authenticate": challenge(error) } : undefined;
}

function byFramework({ status }: HTTPException): Problem {
  const code = BY_FRAMEWORK[status];
  return code === undefined ? { status: 500, code: "internal" } : { status, code };
}

/** Where a transaction failed and its rollback too, what went wrong is the first of the two. */
function innermost(error: unknown): unknown {
  if (!(error instanceof AggregateError)) return error;
  return error.errors.find((inner) => inner instanceof AuthgraftError) ?? error;
}

function unavailable(code: ErrorCode, seconds = RETRY_AFTER): Problem {
  return { status: 503, code, headers: { "retry-after": String(seconds) } };
}

/** RFC 7617; or RFC 6750, 3: the error is named where a token was presented, and nothing more is said about it. */
function challenge(error: AuthgraftError): string {
  if (error.code === "invalid_client") return 'Basic realm="authgraft", charset="UTF-8"';
  const isPresented = error.code === "invalid_token" && !(error instanceof MissingTokenError);
  return isPresented ? 'Bearer error="invalid_token"' : "Bearer";
}
