import { createHash, randomBytes } from "node:crypto";
import { chown, cp, lstat, mkdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { DatabaseError } from "../errors.ts";
import type { PostgresBinaries } from "./binaries.ts";
import { type Account, hasCode, isRoot, run, unprivilegedAccount } from "./platform.ts";

/** Where a server's data and programs lie, and the account they are run as (undefined: our own). */
export interface Placement {
  readonly dataDirectory: string;
  readonly binaries: PostgresBinaries;
  readonly account: Account | undefined;
}

/**
 * Settles where data and programs go. PostgreSQL refuses to run as root, so root's server runs as an
 * unprivileged account; what that account cannot reach (a checkout below /root) is kept below /var/tmp.
 */
export async function placeServer(
  wantedDirectory: string,
  binaries: PostgresBinaries,
  onLog: (message: string) => void,
): Promise<Placement> {
  const wanted = resolve(wantedDirectory);
  await mkdir(dirname(wanted), { recursive: true });
  if (!isRoot()) return { dataDirectory: wanted, binaries, account: undefined };
  const account = await accountFor(wanted);
  const placedBinaries = await placeBinaries(binaries, account, onLog);
  if (await canEnter(dirname(wanted), account)) {
    return { dataDirectory: wanted, binaries: placedBinaries, account };
  }
  const directory = await privateDirectory(wanted, account);
  onLog(
    `PostgreSQL does not run as root, and its account cannot reach ${wanted}: the data is kept in ${directory}.`,
  );
  return { dataDirectory: join(directory, "data"), binaries: placedBinaries, account };
}

/** Data that another account already owns stays that account's. */
async function accountFor(dataDirectory: string): Promise<Account> {
  const owner = await stat(dataDirectory).catch(() => undefined);
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const account = await unprivilegedAccount();
  if (account !== undefined) return account;
  throw new DatabaseError("embedded_postgres_failed", "PostgreSQL does not run as root.", {
    fix: "Run this as an ordinary user, or add an account called postgres to the machine.",
  });
}

async function placeBinaries(
  binaries: PostgresBinaries,
  account: Account,
  onLog: (message: string) => void,
): Promise<PostgresBinaries> {
  const probe = await run(binaries.postgres, ["--version"], account);
  if (probe.exitCode === 0) return binaries;
  const parent = await privateDirectory(`${binaries.directory} ${binaries.version}`, account);
  const directory = join(parent, "native");
  if (!(await isDirectory(directory))) {
    onLog(
      `PostgreSQL's account cannot reach ${binaries.directory}: copying the programs to ${directory}, once.`,
    );
    // A copy cut short must never be taken for a whole one.
    const unfinished = join(parent, `native.${randomBytes(4).toString("hex")}`);
    await cp(binaries.directory, unfinished, { recursive: true, verbatimSymlinks: true });
    await rename(unfinished, directory).catch(() => rm(unfinished, { recursive: true, force: true }));
  }
  const program = (path: string) => join(directory, "bin", basename(path));
  return {
    ...binaries,
    directory,
    postgres: program(binaries.postgres),
    initdb: program(binaries.initdb),
    pgCtl: program(binaries.pgCtl),
  };
}

async function canEnter(directory: string, account: Account): Promise<boolean> {
  const probe = await run("/bin/sh", ["-c", 'test -x "$1"', "sh", directory], account);
  return probe.exitCode === 0;
}

/** A directory for the account alone, at a name that follows from the path it stands in for. */
async function privateDirectory(standsFor: string, account: Account): Promise<string> {
  const hash = createHash("sha256").update(`${account.uid} ${standsFor}`).digest("hex").slice(0, 16);
  const directory = join("/var/tmp", `authgraft-${hash}`);
  try {
    await mkdir(directory, { mode: 0o700 });
    await chown(directory, account.uid, account.gid);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
  const found = await lstat(directory);
  // Anyone can make directories there: one that is not the account's own, or open to others, is not used.
  if (!found.isDirectory() || found.uid !== account.uid || (found.mode & 0o077) !== 0) {
    throw new DatabaseError(
      "embedded_postgres_failed",
      `${directory} belongs to someone else or is open to others, so PostgreSQL's files are not kept there.`,
      { fix: `Look at ${directory} and remove it.` },
    );
  }
  return directory;
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
