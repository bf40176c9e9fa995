import { randomBytes } from "node:crypto";
import { chown, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DatabaseError } from "../errors.ts";
import type { PostgresMajor } from "./binaries.ts";
import type { Placement } from "./placement.ts";
import { isProcessAlive, run } from "./platform.ts";

/** The superuser of every embedded server. */
export const SUPERUSER = "postgres";

const PASSWORD_FILE = "authgraft.password";

/**
 * Makes the data directory if it is not there yet, and returns the superuser's password.
 *
 * It is made under another name and renamed when it is whole, password file included, so that one that was cut
 * short is never taken for a database.
 * @throws DatabaseError `embedded_postgres_failed`
 */
export async function ensureCluster(placement: Placement, durable: boolean): Promise<string> {
  const { dataDirectory, binaries } = placement;
  await removeUnfinished(dataDirectory);
  const found = await readMajor(dataDirectory);
  if (found === undefined) await makeCluster(placement, durable);
  else if (found !== String(binaries.major)) {
    throw new DatabaseError(
      "embedded_postgres_failed",
      `${dataDirectory} holds the data of PostgreSQL ${found}, not ${binaries.major}.`,
      { fix: "Name another data directory, or remove this one if its data is not needed." },
    );
  }
  return readPassword(dataDirectory);
}

async function readMajor(dataDirectory: string): Promise<string | undefined> {
  const entries = await readdir(dataDirectory).catch(() => []);
  if (entries.length === 0) return undefined;
  const major = await readFile(join(dataDirectory, "PG_VERSION"), "utf8").catch(() => undefined);
  if (major !== undefined) return major.trim();
  throw new DatabaseError(
    "embedded_postgres_failed",
    `${dataDirectory} is not empty and holds no PostgreSQL data.`,
    { fix: "Name an empty or a new directory." },
  );
}

async function makeCluster(placement: Placement, durable: boolean): Promise<void> {
  const { dataDirectory, account, binaries } = placement;
  const unfinished = `${dataDirectory}.unfinished-${process.pid}-${randomBytes(4).toString("hex")}`;
  const data = join(unfinished, "data");
  const passwordFile = join(unfinished, "password");
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile, randomBytes(24).toString("base64url"), { mode: 0o600, flag: "wx" });
  if (account !== undefined) {
    await chown(passwordFile, account.uid, account.gid);
    await chown(unfinished, account.uid, account.gid);
  }
  try {
    const args = ["-D", data, `--pwfile=${passwordFile}`, ...initdbArguments(binaries.major, durable)];
    const made = await run(binaries.initdb, args, account);
    if (made.exitCode !== 0) throw initdbFailed(made.output);
    await rename(passwordFile, join(data, PASSWORD_FILE));
    await rename(data, dataDirectory);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/**
 * Sorting is by code point and letters are Unicode's whatever the machine's own locale: `lower('É')` is `é`
 * as in most production databases, and nothing depends on the host.
 * See https://www.postgresql.org/docs/current/app-initdb.html
 */
function initdbArguments(major: PostgresMajor, durable: boolean): readonly string[] {
  const unicode =
    major >= 17
      ? ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
      : process.platform === "linux"
        ? ["--lc-ctype=C.UTF-8"]
        : [];
  return [
    `--username=${SUPERUSER}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    ...unicode,
    "--no-instructions",
    ...(durable ? [] : ["--no-sync"]),
  ];
}

function initdbFailed(output: string): DatabaseError {
  const lines = output.split("\n").filter((line) => /error|fatal|could not/i.test(line));
  return new DatabaseError(
    "embedded_postgres_failed",
    `PostgreSQL could not make its data directory: ${lines.join(" ") || output.trim()}`,
  );
}

/** Leftovers of starts that were killed while they made the data directory. */
async function removeUnfinished(dataDirectory: string): Promise<void> {
  const prefix = `${basename(dataDirectory)}.unfinished-`;
  for (const name of await readdir(dirname(dataDirectory))) {
    if (!name.startsWith(prefix)) continue;
    const maker = Number.parseInt(name.slice(prefix.length), 10);
    if (maker !== process.pid && isProcessAlive(maker)) continue;
    // A dying initdb may still write there; the name is never used again, and the next start looks once more.
    await rm(join(dirname(dataDirectory), name), { recursive: true, force: true }).catch(() => undefined);
  }
}

async function readPassword(dataDirectory: string): Promise<string> {
  const path = join(dataDirectory, PASSWORD_FILE);
  const details = await stat(path).catch(() => undefined);
  if (details === undefined) {
    throw new DatabaseError(
      "embedded_postgres_failed",
      `${path}, which holds the superuser's password, cannot be read.`,
      { fix: `Run this as the owner of ${dataDirectory}, or remove that directory to start afresh.` },
    );
  }
  return readFile(path, "utf8");
}
