import { execFile, spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { ConfigurationError, type MigrationError } from "../../errors.ts";
import { dumpInvalid } from "../../migration/rehearse/restore/dump-error.ts";
import { readDumpBytes } from "./dump-bytes.ts";
import type { DumpFile } from "./dump-format.ts";

/** A pg_restore of this machine. */
export interface PgRestore {
  readonly path: string;
  /** As it says it: `15.18`. */
  readonly version: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const PROGRAM = process.platform === "win32" ? "pg_restore.exe" : "pg_restore";

/** Where PostgreSQL's packages put their programs: a directory, and what lies below each of its versions. */
const PLACES: readonly (readonly [string, string])[] = [
  ["/usr/lib/postgresql", "bin"],
  ["/usr/local/pgsql", "."],
  ["/opt/homebrew/opt", "bin"],
  ["/usr/local/opt", "bin"],
  ["/Applications/Postgres.app/Contents/Versions", "bin"],
  ["C:\\Program Files\\PostgreSQL", "bin"],
];

/** Red Hat's packages have the version in the directory's own name. */
const USR = "/usr";

/**
 * Finds the newest pg_restore: `PGRESTORE` of the environment, or else PATH and PostgreSQL's usual directories.
 *
 * @throws ConfigurationError `client_tool_missing`
 */
export async function findPgRestore(environment: Environment): Promise<PgRestore> {
  const named = environment.PGRESTORE;
  const paths = named === undefined || named === "" ? await candidates(environment) : [named];
  const found = (await Promise.all(paths.map(versionOf))).filter((program) => program !== undefined);
  const [newest] = found.sort(
    (one, other) => Number.parseFloat(other.version) - Number.parseFloat(one.version),
  );
  if (newest !== undefined) return newest;
  throw toolMissing(
    named === undefined || named === ""
      ? "This dump needs pg_restore, which is not on this machine"
      : `This dump needs pg_restore, and ${named}, which PGRESTORE names, does not run`,
  );
}

async function candidates(environment: Environment): Promise<readonly string[]> {
  const search = (environment.PATH ?? "").split(delimiter).filter((directory) => directory !== "");
  const usual = await Promise.all(PLACES.map(([directory, below]) => versionsIn(directory, below)));
  const redHat = (await versionsIn(USR, "bin")).filter((path) => path.startsWith("/usr/pgsql-"));
  return [...new Set([...usual.flat(), ...redHat, ...search.map((directory) => join(directory, PROGRAM))])];
}

async function versionsIn(directory: string, below: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch(() => []);
  return names
    .filter((name) => /\d|libpq|postgres|bin|latest/.test(name))
    .map((name) => join(directory, name, below, PROGRAM));
}

async function versionOf(path: string): Promise<PgRestore | undefined> {
  const run = await promisify(execFile)(path, ["--version"], { windowsHide: true }).catch(() => undefined);
  const version = /\d+(\.\d+)?/.exec(run?.stdout ?? "")?.[0];
  return version === undefined ? undefined : { path, version };
}

/**
 * What pg_restore writes: the dump as plain SQL, or what `args` ask for. Reads on only as its reader takes it; it
 * is killed when that stops, or when the signal says so.
 *
 * @throws MigrationError `dump_invalid`, in pg_restore's own words.
 * @throws ConfigurationError `client_tool_missing` where it is too old for the dump.
 */
export async function* runPgRestore(
  program: PgRestore,
  dump: DumpFile,
  args: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  // Unzipped on the way, it comes over a pipe: the archive then is read in its own order, which it is here.
  const source = dump.gzipped ? [] : [dump.path];
  const child = spawn(program.path, [`--format=${dump.format}`, "--file=-", ...args, ...source], {
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
    stdio: ["pipe", "pipe", "pipe"],
    windowsHide: true,
  });
  const ended = new Promise<number>((resolve) => {
    child.once("error", () => resolve(127));
    child.once("close", (code) => resolve(code ?? 1));
  });
  const kill = () => void child.kill("SIGKILL");
  signal?.addEventListener("abort", kill, { once: true });
  if (signal?.aborted === true) kill();
  let words = "";
  child.stderr.on("data", (chunk: Buffer) => {
    words = `${words}${chunk.toString("utf8")}`.slice(-8_192);
  });
  const fed = dump.gzipped
    ? feed(dump, child.stdin)
    : Promise.resolve(child.stdin.end()).then(() => undefined);
  try {
    for await (const chunk of child.stdout) yield chunk as Buffer;
    const code = await ended;
    if (code === 0) return;
    throw (await fed) ?? failed(program, dump, words);
  } finally {
    signal?.removeEventListener("abort", kill);
    kill();
    await ended;
  }
}

/** Hands the unzipped file on; what was wrong with it. That pg_restore stops reading early is no error of the file's. */
async function feed(dump: DumpFile, input: NodeJS.WritableStream): Promise<unknown> {
  let damaged: unknown;
  const watched = async function* () {
    try {
      yield* readDumpBytes(dump);
    } catch (error) {
      damaged = error;
      throw error;
    }
  };
  await pipeline(watched, input).catch(() => undefined);
  return damaged;
}

function failed(program: PgRestore, dump: DumpFile, words: string): Error {
  const text = words
    .replaceAll(/^pg_restore: (error: |fatal: )?/gm, "")
    .trim()
    .replaceAll(/\s*\n\s*/g, "; ");
  if (/unsupported version/.test(text)) {
    return toolMissing(
      `pg_restore ${program.version} (${program.path}) is too old for this dump: it says "${text}"`,
    );
  }
  return restoreFailed(dump, text === "" ? "nothing, and failed" : `"${text}"`);
}

function restoreFailed(dump: DumpFile, words: string): MigrationError {
  return dumpInvalid(`${dump.path} cannot be read to its end; pg_restore says ${words}.`);
}

function toolMissing(message: string): ConfigurationError {
  return new ConfigurationError("client_tool_missing", `${message}.`, {
    fix: "Install PostgreSQL's client programs, of the version that made the dump or newer (postgresql-client on Debian and Ubuntu, postgresql on Fedora, libpq with Homebrew), or name the program in PGRESTORE. A dump made with pg_dump -Fp needs no program at all.",
  });
}
