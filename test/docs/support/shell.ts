import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { type Block, ROOT } from "./pages.ts";

/** Ends what a block printed, followed by the exit code of its last command. */
const MARK = "--- the block has ended with ";

/** One shell in which the blocks of a page run one after the other: what one sets, the next finds. */
export class Shell {
  readonly #process: ChildProcessWithoutNullStreams;
  #output = "";
  #ended = false;

  constructor(environment: Readonly<Record<string, string | undefined>>) {
    // A group of its own, so that what a block leaves running can be ended with it.
    this.#process = spawn("sh", [], { cwd: ROOT, env: environment, detached: true });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        this.#output += text;
      });
    }
    this.#process.stdin.on("error", () => undefined);
    this.#process.once("close", () => {
      this.#ended = true;
    });
  }

  /**
   * Runs a block as its fence says. Returns what it printed.
   *
   * @param text the block's text, filled in.
   * @throws Error where a command fails that should not, or ends with another code than the fence says.
   */
  async run(block: Block, text: string): Promise<string> {
    const expected = Number(block.words.find((word) => word.startsWith("exit="))?.slice("exit=".length) ?? 0);
    const background = block.words.includes("background");
    const { before, last } = lastCommand(text);
    const start = this.#output.length;
    const final = background ? `set -e\n${last} &` : `set +e\n${last}`;
    this.#process.stdin.write(`set -e\n${before}\n${final}\nprintf "\\n%s%d\\n" "${MARK}" $?\n`);
    const code = await this.#codeAfter(start);
    if (background) await this.#printed(start, "serves sign-in on");
    const printed = this.#output.slice(start);
    if (code === expected) return printed.replace(/\n--- the block has ended with \d+\n/, "");
    throw new Error(`${block.page}:${block.line} ended with ${code}, not ${expected}:\n${text}\n${printed}`);
  }

  async #codeAfter(start: number): Promise<number | undefined> {
    await this.#printed(start, MARK);
    const mark = this.#output.indexOf(MARK, start);
    if (mark < 0) return this.#process.exitCode ?? undefined;
    return Number.parseInt(this.#output.slice(mark + MARK.length), 10);
  }

  async #printed(start: number, text: string): Promise<void> {
    while (!this.#ended && !this.#output.includes(text, start)) await sleep(10);
  }

  /** Ends the shell and what its blocks left running. */
  async end(): Promise<void> {
    if (this.#ended || this.#process.pid === undefined) return;
    const closed = once(this.#process, "close");
    process.kill(-this.#process.pid, "SIGTERM");
    await closed;
  }
}

/** The last line that is a command, and what stands before it. */
function lastCommand(text: string): { before: string; last: string } {
  const lines = text
    .trimEnd()
    .split("\n")
    .filter((line) => !line.startsWith("#"));
  return { before: lines.slice(0, -1).join("\n"), last: lines.at(-1) ?? ":" };
}
