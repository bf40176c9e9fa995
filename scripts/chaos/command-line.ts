import { type ChildProcess, spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExitCode, exitCodeOf } from "../../src/cli/exit-codes.ts";
import { AuthgraftError } from "../../src/errors.ts";
import { down } from "../../src/migration/down.ts";
import { up } from "../../src/migration/up.ts";
import { argumentsOf, type Direction } from "./scenario.ts";

const MAIN = join(import.meta.dirname, "../../src/cli/main.ts");

/** How a run of the command line ended. */
export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly output: string;
}

/** A run of the command line, in a process of its own. */
export class Run {
  readonly command: string;
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];

  /** `onStep` hears how many steps were said to begin, at each. */
  constructor(args: readonly string[], url: string, onStep: (count: number) => void = () => undefined) {
    this.command = `authgraft ${args.join(" ")}`;
    const flags = ["--yes", "--lock-deadline", "60", "--database-url", url];
    this.#child = spawn(process.execPath, [MAIN, ...args, ...flags], {
      cwd: tmpdir(),
      env: { PATH: process.env.PATH, HOME: process.env.HOME, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output: string[] = [];
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => output.push(text));
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      output.push(text);
      for (const line of text.split("\n").filter((part) => part.startsWith("  · "))) {
        this.#lines.push(line);
        onStep(this.#lines.length);
      }
    });
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code) => resolve({ code, output: output.join("") }));
    });
  }

  /** Ends the process as a crash or an operator would. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }
}

/** Runs a command to its end. */
export type Runner = (direction: Direction, url: string) => Promise<Ended>;

/** As a person does: in a process of its own. */
export const byCommandLine: Runner = (direction, url) => new Run(argumentsOf(direction), url).ended;

/** The same without the start of a process, which is most of it. */
export const inProcess: Runner = async (direction, url) => {
  const options = { databaseUrl: url };
  try {
    const { state, refusals } = await (direction.startsWith("up")
      ? up({ ...options, restore: direction === "up --restore" })
      : down({ ...options, archive: direction === "down --archive" }));
    return { code: state === "refused" ? ExitCode.refused : ExitCode.done, output: JSON.stringify(refusals) };
  } catch (error) {
    return {
      code: error instanceof AuthgraftError ? exitCodeOf(error.code) : ExitCode.failed,
      output: String(error),
    };
  }
};
