import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, onTestFinished } from "vitest";

/** The command line as it is run in a checkout. */
export const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** A directory without configuration and `.env`, gone with the file that asked for it. */
export function makeDirectory(): string {
  const { directory, remove } = newDirectory();
  afterAll(remove);
  return directory;
}

function newDirectory() {
  const directory = mkdtempSync(join(tmpdir(), "authgraft-cli-"));
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** The same, gone with the test. */
function emptyDirectory(): string {
  const { directory, remove } = newDirectory();
  onTestFinished(remove);
  return directory;
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string;
  /** Further arguments of node, before the program. */
  readonly node?: readonly string[];
}

/** What a run of the command line came to. */
export interface Outcome {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard error on one line: how it is broken depends on the width. */
  readonly said: string;
  /** Standard output as JSON; the whole of it, or this throws. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into answers of any shape.
  json(): any;
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly outcome: Promise<Outcome>;
  /** What it has written so far, both streams. */
  written(): string;
  /** Waits until it has written this. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Runs a command to its end; standard input is at its end. */
export function authgraft(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return start(args, options).outcome;
}

/** Starts a command. */
export function start(args: readonly string[], options: RunOptions = {}): Running {
  const { environment = {}, directory = emptyDirectory(), node = [] } = options;
  const child = spawn(process.execPath, [...node, MAIN, ...args], {
    cwd: directory,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return follow(child);
}

/** Collects what a process writes, and how it ends. */
export function follow(child: ChildProcess): Running {
  // A test that fails leaves nothing running.
  onTestFinished(() => void child.kill("SIGKILL"));
  const texts = { stdout: "", stderr: "" };
  const changed = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (chunk: string) => {
      texts[name] += chunk;
      for (const look of changed) look();
    });
  }
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      const { stdout, stderr } = texts;
      resolve({ code, stdout, stderr, said: stderr.replaceAll(/\s+/g, " "), json: () => JSON.parse(stdout) });
    });
  });
  const written = () => `${texts.stdout}${texts.stderr}`;
  const until = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(written());
        if (match === null) return;
        changed.delete(look);
        resolve(match);
      };
      changed.add(look);
      look();
      child.once("close", () => reject(new Error(`ended without ${pattern}:\n${written()}`)));
    });
  return { child, pid: child.pid ?? 0, outcome, written, until };
}
