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

const BY_CODE: Partial<Record<ErrorCode, number>> = {
  configuration_invalid: ExitCode.usage,
  database_url_missing: ExitCode.usage,
  database_authentication_failed: ExitCode.usage,
  database_missing: ExitCode.usage,
  table_not_found: ExitCode.usage,
  table_ambiguous: ExitCode.usage,
  usage_invalid: ExitCode.usage,
  confirmation_required: ExitCode.usage,
  embedded_postgres_missing: ExitCode.usage,
  secret_weak: ExitCode.usage,
  secret_mismatch: ExitCode.usage,
  refused: ExitCode.refused,
  not_grafted: ExitCode.refused,
  verification_failed: ExitCode.verification,
  lock_timeout: ExitCode.lock,
  interrupted: ExitCode.interrupted,
};

/** The exit code of an error of ours: 1 for everything that nobody could have expected. */
export function exitCodeOf(code: ErrorCode): number {
  return BY_CODE[code] ?? ExitCode.failed;
}
