/**
 * Every code an Authgraft error can carry. A code is never reused for another meaning; what a caller
 * does about an error is decided by its code, never by its text.
 */
export type ErrorCode =
  // usage and configuration (exit 2)
  | "configuration_invalid"
  | "database_url_missing"
  | "database_authentication_failed"
  | "database_missing"
  | "table_not_found"
  | "table_ambiguous"
  | "usage_invalid"
  | "confirmation_required"
  | "address_unavailable"
  | "embedded_postgres_missing"
  | "client_tool_missing"
  // refused, nothing was changed (exit 3)
  | "refused"
  | "not_grafted"
  | "import_invalid"
  | "session_unknown"
  | "user_unknown"
  // the lock could not be had in time (exit 5)
  | "lock_timeout"
  // interrupted (exit 130)
  | "interrupted"
  // unexpected (exit 1)
  | "database_unreachable"
  | "database_error"
  | "migration_failed"
  | "dump_invalid"
  | "embedded_postgres_failed"
  | "internal"
  // sign-in
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
  | "not_claimable"
  | "bridge_refused"
  | "bridge_failed"
  | "refused_by_application"
  | "hook_failed"
  | "too_many_requests"
  | "admin_elsewhere"
  | "cursor_invalid"
  | "query_refused"
  | "query_failed"
  | "migration_running"
  | "overloaded"
  | "request_abandoned"
  | "verification_unavailable"
  | "secret_weak"
  | "secret_mismatch";

/** What an error carries besides its message. */
export interface ErrorDetails {
  /** What to do about it, as one sentence a person can follow. */
  readonly fix?: string;
  /** The private cause: for logs, never for a response. */
  readonly cause?: unknown;
}

/**
 * The one base of every error Authgraft throws on purpose.
 *
 * `message` is public: it may be shown to whoever caused the error, so it never holds a secret, a hash or
 * a token. `cause` is private.
 */
export class AuthgraftError extends Error {
  override readonly name: string = "AuthgraftError";
  readonly code: ErrorCode;
  readonly fix: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.fix = details.fix;
  }
}

/** Something the user set (an option, a file, an environment variable) is wrong. */
export class ConfigurationError extends AuthgraftError {
  override readonly name = "ConfigurationError";
}

/** The database could not be reached, or answered with something Authgraft did not ask for. */
export class DatabaseError extends AuthgraftError {
  override readonly name = "DatabaseError";
}

/** A change was refused or failed; the message says whether anything was changed. */
export class MigrationError extends AuthgraftError {
  override readonly name = "MigrationError";
}

/** A person's request to sign in, register or use a token was refused. */
export class SignInError extends AuthgraftError {
  override readonly name: string = "SignInError";
}

/** More people are signing in than can be served; nothing was done. */
export class OverloadedError extends SignInError {
  /** Whole seconds after which trying again makes sense. */
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super("overloaded", "Too many people are signing in at once. Try again shortly.");
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Too many attempts; nothing was done, and nothing was looked at. */
export class ThrottledError extends SignInError {
  /** Whole seconds after which trying again makes sense. */
  readonly retryAfterSeconds: number;

  constructor(retryAfterSeconds: number) {
    super("too_many_requests", "Too many attempts. Try again later.");
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * What a hook of the application throws to say no: its message is shown to the person. Whatever else a hook
 * throws is a fault of the hook, and its message is for the log.
 */
export class Refusal extends SignInError {
  constructor(message: string) {
    super("refused_by_application", message);
  }
}

/** Whether a token is valid cannot be found out just now: answer 503, and never as if it were. */
export class VerificationUnavailableError extends AuthgraftError {
  override readonly name = "VerificationUnavailableError";

  constructor(message: string, details: ErrorDetails = {}) {
    super("verification_unavailable", message, details);
  }
}
