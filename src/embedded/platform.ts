import { spawn } from "node:child_process";
import { constants, readFileSync } from "node:fs";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { parse } from "node:path";

/** The operating-system account a server runs as, when that is not our own. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** What a finished child process left behind. */
export interface ProcessResult {
  readonly exitCode: number;
  readonly output: string;
}

/** How a child process of the server's family is started: its account, and a directory that account can enter. */
export function spawnSettings(account: Account | undefined, path: string) {
  return {
    // Our own directory may be closed to the account, and PostgreSQL asks for the current directory.
    cwd: parse(path).root,
    windowsHide: true,
    // PGPORT, PGDATESTYLE and the like in the caller's shell are meant for the caller's own databases.
    ...(process.platform === "win32" ? {} : { env: { PATH: "/usr/bin:/bin", LC_ALL: "C" } }),
    ...(account === undefined ? {} : { uid: account.uid, gid: account.gid }),
  };
}

/** Runs a program to its end and collects what it printed. Never rejects for an exit code; 127 when it cannot start. */
export function run(program: string, args: readonly string[], account?: Account): Promise<ProcessResult> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      ...spawnSettings(account, program),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const collect = (chunk: Buffer) => {
      output += chunk.toString("utf8");
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.once("error", (error) => resolve({ exitCode: 127, output: error.message }));
    child.once("close", (code) => resolve({ exitCode: code ?? 1, output }));
  });
}

/**
 * Opens an emptied file of the account's for appending.
 *
 * Never through a symbolic link: the directory belongs to an account that has fewer rights than we have.
 */
export async function openNewFile(path: string, account: Account | undefined): Promise<FileHandle> {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_APPEND, O_NOFOLLOW = 0 } = constants;
  const file = await open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW, 0o600);
  if (account !== undefined) await file.chown(account.uid, account.gid);
  return file;
}

/** Whether a process of that id lives, ours or another account's. One that ended and was not yet buried does not. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return hasCode(error, "EPERM");
  }
  return !isZombie(pid);
}

/** In a container without an init process the dead stay in the list. See proc_pid_stat(5). */
function isZombie(pid: number): boolean {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Whether an error is the operating system's error of that name. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** Whether we run as root, as which PostgreSQL refuses to run. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The unprivileged account that root's servers run as: `postgres` where the machine has one, else `nobody`. */
export async function unprivilegedAccount(): Promise<Account | undefined> {
  const accounts = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  for (const name of ["postgres", "nobody"]) {
    const entry = accounts.find(([entryName]) => entryName === name);
    if (entry?.[2] !== undefined && entry[3] !== undefined) {
      // macOS writes nobody's id as -2.
      return { uid: Number(entry[2]) >>> 0, gid: Number(entry[3]) >>> 0 };
    }
  }
  return undefined;
}
