import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const BUILT = fileURLToPath(new URL("../dist/", import.meta.url));

/** How a run of the command went. */
export interface CommandRun {
  readonly exitCode: number | null;
  readonly output: string;
  /** The most memory the process had at any time, in MB; null when it was killed. */
  readonly memory: number | null;
}

/** Builds the command as it is published. Type errors are another check's. */
export async function buildCommand(): Promise<string> {
  const args = ["--project", "tsconfig.build.json", "--outDir", BUILT, "--declaration", "false"];
  const child = spawn("node_modules/.bin/tsc", args, { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"] });
  await once(child, "exit");
  return BUILT;
}

/** Says at its end, on a pipe of its own, the most memory it had. */
const TELL_MEMORY =
  "data:text/javascript,import { writeSync } from 'node:fs'; process.on('exit', () => writeSync(3, String(process.resourceUsage().maxRSS)));";

/** Runs the command line as an operator does: a process of its own. */
export async function runCommand(
  args: readonly string[],
  databaseUrl: string,
  signal: AbortSignal,
): Promise<CommandRun> {
  const child = spawn(
    process.execPath,
    ["--import", TELL_MEMORY, `${BUILT}cli/main.js`, ...args, "--json", "--database-url", databaseUrl],
    { cwd: tmpdir(), stdio: ["ignore", "pipe", "pipe", "pipe"], signal, killSignal: "SIGTERM" },
  );
  const pipes = [child.stdout, child.stderr, child.stdio[3]];
  const texts = ["", "", ""];
  for (const [place, pipe] of pipes.entries()) {
    pipe?.on("data", (chunk: Buffer) => {
      texts[place] += chunk.toString("utf8");
    });
  }
  const [exitCode] = (await once(child, "close")) as [number | null];
  const [output = "", errors = "", kilobytes = ""] = texts;
  return {
    exitCode,
    output: exitCode === 0 ? output : `${output}${errors}`,
    memory: kilobytes === "" ? null : Number(kilobytes) / 1024,
  };
}
