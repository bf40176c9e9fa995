import { ConfigurationError } from "../../errors.ts";

/** An option that says something wrong, or goes with none of the others. */
export function wrongUsage(message: string, fix: string, cause?: unknown): ConfigurationError {
  return new ConfigurationError("usage_invalid", message, { fix, cause });
}
