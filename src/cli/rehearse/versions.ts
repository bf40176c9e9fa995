import {
  findPostgresBinaries,
  installCommand,
  type PostgresBinaries,
  type PostgresMajor,
} from "../../embedded/binaries.ts";
import { ConfigurationError, MigrationError } from "../../errors.ts";

/** The PostgreSQL to rehearse on, and what a person should know about the choice. */
export interface ChosenVersion {
  readonly major: PostgresMajor;
  readonly binaries: PostgresBinaries;
  readonly note: string | null;
}

/** What is to be rehearsed, as far as the choice of a server goes. */
export interface Wanted {
  readonly kind: "dump" | "database";
  /** As `16.4`; null where a dump does not say. */
  readonly serverVersion: string | null;
}

const MAJORS: readonly PostgresMajor[] = [14, 15, 16, 17, 18];

/**
 * Chooses the embedded PostgreSQL of the source's major version, or the nearest newer one: what an older server
 * wrote, a newer one reads. A dump that does not say gets the newest.
 *
 * @throws MigrationError `dump_invalid` for a dump that is newer than every PostgreSQL that is there.
 * @throws ConfigurationError `embedded_postgres_missing` where there is none.
 */
export async function chooseVersion(wanted: Wanted, packagesDirectory: string): Promise<ChosenVersion> {
  const installed = await installedVersions(packagesDirectory);
  const major = majorOf(wanted.serverVersion);
  const chosen = major === null ? installed.at(-1) : installed.find((one) => one.major >= major);
  if (chosen === undefined) throw noneFits(wanted, major, installed);
  return { major: chosen.major, binaries: chosen, note: noteOn(wanted, major, chosen) };
}

/** The major version in `16.4`. */
export function majorOf(serverVersion: string | null): number | null {
  const major = Number.parseInt(serverVersion ?? "", 10);
  return Number.isNaN(major) ? null : major;
}

async function installedVersions(packagesDirectory: string): Promise<PostgresBinaries[]> {
  const found = await Promise.all(
    MAJORS.map((major) =>
      findPostgresBinaries(major, packagesDirectory).catch((error: unknown) => {
        if (error instanceof ConfigurationError) return undefined;
        throw error;
      }),
    ),
  );
  return found.filter((one) => one !== undefined);
}

function noteOn({ serverVersion }: Wanted, major: number | null, chosen: PostgresBinaries): string | null {
  if (major === null || major === chosen.major) return null;
  const known = knownMajor(major);
  const install = known === undefined ? "" : ` For ${major}: ${installCommand(known)}`;
  return `The source is of PostgreSQL ${serverVersion}, and that major is not installed here: rehearsed on ${chosen.version}, the nearest newer one.${install}`;
}

function noneFits(
  { kind, serverVersion }: Wanted,
  major: number | null,
  installed: readonly PostgresBinaries[],
): MigrationError | ConfigurationError {
  const known = major === null ? 18 : knownMajor(major);
  const there = installed.map(({ version }) => version).join(", ") || "none";
  const fix = `${known === undefined ? "" : `${installCommand(known)}, or name`}${known === undefined ? "Name" : ""} a server of that version with --scratch-url.`;
  if (kind === "dump" && installed.length > 0) {
    const message = `The dump is of PostgreSQL ${serverVersion}, newer than every PostgreSQL there is to restore it to (${there}).`;
    return new MigrationError("dump_invalid", message, { fix });
  }
  const message = `There is no embedded PostgreSQL to rehearse on${major === null ? "" : ` for a source of PostgreSQL ${serverVersion}`} (installed: ${there}).`;
  return new ConfigurationError("embedded_postgres_missing", message, { fix });
}

function knownMajor(major: number): PostgresMajor | undefined {
  return MAJORS.find((one) => one === Math.max(major, 14));
}
