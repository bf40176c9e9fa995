import { readdir } from "node:fs/promises";
import { join } from "node:path";
import {
  findPostgresBinaries,
  type PostgresBinaries,
  type PostgresMajor,
} from "../../src/embedded/binaries.ts";
import { run } from "../../src/embedded/platform.ts";

/** Where Debian's packages put their servers. */
const SYSTEM = "/usr/lib/postgresql";

const KNOWN: readonly PostgresMajor[] = [14, 15, 16, 17, 18];

/** A server's programs, and whose they are. */
export interface FoundPostgres {
  readonly binaries: PostgresBinaries;
  readonly origin: "the machine's own" | "from npm";
}

/** The newest PostgreSQL that is installed on the machine; where there is none, the one that comes with the checkout. */
export async function findPostgres(): Promise<FoundPostgres> {
  const entries: readonly string[] = await readdir(SYSTEM).catch(() => []);
  const majors = KNOWN.filter((major) => entries.includes(String(major))).reverse();
  for (const major of majors) {
    const directory = join(SYSTEM, String(major));
    const program = (name: string) => join(directory, "bin", name);
    const { exitCode, output } = await run(program("postgres"), ["--version"]);
    const version = /\d+\.\d+/.exec(output)?.[0];
    if (exitCode !== 0 || version === undefined) continue;
    const programs = { postgres: program("postgres"), initdb: program("initdb"), pgCtl: program("pg_ctl") };
    return { binaries: { major, version, directory, ...programs }, origin: "the machine's own" };
  }
  return { binaries: await findPostgresBinaries(18), origin: "from npm" };
}
