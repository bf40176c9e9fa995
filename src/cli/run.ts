import { existsSync } from "node:fs";
import { ExitCode } from "./exit-codes.ts";
import { createProgram } from "./program.ts";
import { report } from "./report.ts";
import { createTerminal } from "./terminal.ts";

/** npm passes on a Ctrl-C that the terminal has sent already: one that comes sooner is the same one. */
const SAME_INTERRUPTION = 1_000;

const terminal = createTerminal();
const interruption = new AbortController();
let interruptedAt = Number.POSITIVE_INFINITY;

for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, interrupt);
// A reader that has seen enough (`| head`) is no failure.
process.stdout.on("error", ignoreBrokenPipe);
process.stderr.on("error", ignoreBrokenPipe);

try {
  if (existsSync(".env")) process.loadEnvFile(".env");
  await createProgram(
    { environment: process.env, directory: process.cwd(), terminal, signal: interruption.signal },
    (result, json) => {
      process.exitCode = result.exitCode;
      terminal.print(json ? JSON.stringify(result.json, null, 2) : result.text);
    },
  ).parseAsync();
} catch (error) {
  process.exitCode = report(error, terminal, {
    json: process.argv.includes("--json"),
    debug: Boolean(process.env.AUTHGRAFT_DEBUG),
  });
  // What was interrupted may still have a connection open; PostgreSQL notices that nobody is there.
  if (process.exitCode === ExitCode.interrupted) process.exit();
}

/** The first lets the command end what it has begun; who says it again does not want to wait for that. */
function interrupt(): void {
  if (performance.now() - interruptedAt > SAME_INTERRUPTION) process.exit(ExitCode.interrupted);
  interruptedAt = Math.min(interruptedAt, performance.now());
  interruption.abort();
}

/** A reader that has seen enough (`| head`) is no failure, and no reason to leave a migration half-way. */
function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
