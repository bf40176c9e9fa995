import { existsSync } from "node:fs";
import { CommanderError } from "commander";
import { AuthgraftError } from "../errors.ts";
import { ExitCode, exitCodeOf } from "./exit-codes.ts";
import { createProgram } from "./program.ts";
import { processTerminal, type Terminal, wrap } from "./terminal.ts";

const terminal = processTerminal();
const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => interruption.abort());
// A reader that has seen enough (`| head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(ExitCode.done);
});

if (existsSync(".env")) process.loadEnvFile(".env");
const asJson = process.argv.includes("--json");
const program = createProgram(
  { environment: process.env, directory: process.cwd(), terminal, signal: interruption.signal },
  (result, json) => {
    terminal.print(json ? JSON.stringify(result.json, null, 2) : result.text);
    process.exitCode = result.exitCode;
  },
);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error, terminal, asJson);
}

/** Says what is wrong and what to do; answers with the exit code. */
function report(error: unknown, to: Terminal, json: boolean): number {
  if (error instanceof CommanderError) return reportUsage(error, to);
  const known = error instanceof AuthgraftError ? error : unexpected(error);
  if (json)
    to.print(
      JSON.stringify({ error: { code: known.code, message: known.message, fix: known.fix } }, null, 2),
    );
  to.note(`${to.style("red", "authgraft:")} ${wrap(known.message, to.width)}`);
  if (known.fix !== undefined) to.note(`  ${to.style("cyan", "→")} ${wrap(known.fix, to.width, "    ")}`);
  return exitCodeOf(known.code);
}

/** Asking for help is no mistake; anything else the parser says is wrong usage. */
function reportUsage(error: CommanderError, to: Terminal): number {
  if (error.exitCode === 0) return ExitCode.done;
  if (error.code === "commander.help") to.note(program.helpInformation());
  else
    to.note(`${error.message.replace(/^error: /, "authgraft: ")}\n  → authgraft --help lists the commands.`);
  return ExitCode.usage;
}

function unexpected(error: unknown): AuthgraftError {
  const message = error instanceof Error ? error.message : String(error);
  const fix =
    process.env.AUTHGRAFT_DEBUG === undefined ? "AUTHGRAFT_DEBUG=1 shows where it happened." : undefined;
  if (fix === undefined && error instanceof Error) terminal.note(error.stack ?? "");
  return new AuthgraftError("internal", `Something went wrong that should not have: ${message}`, {
    cause: error,
    ...(fix === undefined ? {} : { fix }),
  });
}
