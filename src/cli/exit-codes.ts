import type { ErrorCode } from "../errors.ts";

/** What the command line answers with. */
export const ExitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  verification: 4,
  lock: 5,
  interrupted: 130,
} as const;

/** Errors of a request to sign in: the command line meets none of them. */
type RequestErrorCode =
  | "invalid_credentials"
  | "invalid_token"
  | "invalid_client"
  | "session_not_found"
  | "origin_refused"
  | "forbidden"
  | "email_taken"
  | "username_taken"
  | "field_invalid"
  | "field_required"
  | "field_unknown"
  | "password_too_short"
  | "password_too_long"
  | "password_common"
  | "password_guessable"
  | "password_breached"
  | "registration_closed"
  | "mail_unavailable"
  | "link_invalid"
  | "redirect_refused"
  | "recent_login_required"
  | "password_exists"
  | "already_claimed"
  | "email_unchanged"
  | "bridge_refused"
  | "bridge_failed"
  | "refused_by_application"
  | "hook_failed"
  | "too_many_requests"
  | "cursor_invalid"
  | "query_refused"
  | "query_failed"
  | "migration_running"
  | "overloaded"
  | "request_abandoned"
  | "verification_unavailable";

/** Complete, so that a new code cannot go without an exit code. */
const BY_CODE: Readonly<Record<Exclude<ErrorCode, RequestErrorCode>, number>> = {
  configuration_invalid: ExitCode.usage,
  database_url_missing: ExitCode.usage,
  database_authentication_failed: ExitCode.usage,
  database_missing: ExitCode.usage,
  table_not_found: ExitCode.usage,
  table_ambiguous: ExitCode.usage,
  usage_invalid: ExitCode.usage,
  address_unavailable: ExitCode.usage,
  embedded_postgres_missing: ExitCode.usage,
  client_tool_missing: ExitCode.usage,
  confirmation_required: ExitCode.usage,
  secret_weak: ExitCode.usage,
  secret_mismatch: ExitCode.usage,
  refused: ExitCode.refused,
  not_grafted: ExitCode.refused,
  import_invalid: ExitCode.refused,
  session_unknown: ExitCode.refused,
  user_unknown: ExitCode.refused,
  not_claimable: ExitCode.refused,
  admin_elsewhere: ExitCode.refused,
  lock_timeout: ExitCode.lock,
  interrupted: ExitCode.interrupted,
  database_unreachable: ExitCode.failed,
  database_error: ExitCode.failed,
  migration_failed: ExitCode.failed,
  dump_invalid: ExitCode.verification,
  embedded_postgres_failed: ExitCode.failed,
  internal: ExitCode.failed,
};

/** The exit code of an error of ours. */
export function exitCodeOf(code: ErrorCode): number {
  return code in BY_CODE ? BY_CODE[code as keyof typeof BY_CODE] : ExitCode.failed;
}
