import { CommanderError } from "commander";
import { AuthgraftError, ConfigurationError } from "../errors.ts";
import { ExitCode, exitCodeOf } from "./exit-codes.ts";
import { fixLines } from "./print/fix.ts";
import { type Terminal, wrap } from "./terminal.ts";

/** How an error is told. */
export interface ReportOptions {
  readonly json: boolean;
  /** Whether to say where an error happened that nobody expected. */
  readonly debug: boolean;
}

/** Says what is wrong and what to do; answers with the exit code. */
export function report(error: unknown, terminal: Terminal, { json, debug }: ReportOptions): number {
  if (error instanceof CommanderError && error.exitCode === 0) return ExitCode.done;
  const known = publicError(error, debug);
  const message = redact(known.message);
  const { code, fix } = known;
  if (json) terminal.print(JSON.stringify({ error: { code, message, fix } }, null, 2));
  if (debug && code === "internal" && error instanceof Error) terminal.note(redact(error.stack ?? ""));
  terminal.note(`${terminal.style("red", "authgraft:")} ${wrap(message, terminal.width - 11, "  ")}`);
  if (fix !== undefined) terminal.note(fixLines(fix, terminal, "  "));
  return exitCodeOf(code);
}

function publicError(error: unknown, debug: boolean): AuthgraftError {
  if (error instanceof AuthgraftError) return error;
  if (error instanceof CommanderError) return usageError(error);
  const message = error instanceof Error ? error.message : String(error);
  return new AuthgraftError("internal", `Something went wrong that should not have: ${message}`, {
    cause: error,
    ...(debug ? {} : { fix: "AUTHGRAFT_DEBUG=1 shows where it happened." }),
  });
}

/** What the parser says, without the value that was given to an option it does not know. */
function usageError(error: CommanderError): ConfigurationError {
  const message = error.code === "commander.help" ? "Which command?" : error.message.replace(/^error: /, "");
  return new ConfigurationError("usage_invalid", message.replace(/('--[^'=\s]+)=[^'\n]*'/, "$1'"), {
    fix: "authgraft --help lists the commands, and authgraft <command> --help its options.",
  });
}

/** A URL loses its password, wherever it got into a text. */
export function redact(text: string): string {
  return text.replaceAll(/(\w+:\/\/[^\s:@/]*):\S*@/g, "$1:…@");
}
