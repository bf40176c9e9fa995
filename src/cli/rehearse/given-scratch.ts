import type { ScratchServer } from "../../migration/rehearse/rehearsal.ts";
import type { Queryable } from "../../postgres/client.ts";
import { connect, describe } from "../../postgres/connect.ts";
import { quoteIdentifier } from "../../postgres/identifiers.ts";
import { checkDatabaseUrl } from "../database-url.ts";
import { wrongUsage } from "./usage.ts";
import { majorOf, type Wanted } from "./versions.ts";

const APPLICATION = "authgraft rehearsal";

/** What a server says of itself. */
interface Facts {
  readonly version: number;
  /** In seconds, with all its digits: no two servers start in the same microsecond. */
  readonly startedAt: string;
  /** What initdb gave the cluster, the same on its standbys; null where the role may not read it. */
  readonly systemIdentifier: string | null;
  readonly role: string;
  readonly mayCreate: boolean;
  readonly isStandby: boolean;
}

/** A database that is to be spared. */
export interface Spared {
  /** Null where none was named. */
  readonly url: string | null;
  /** `source`: what is copied, which has to answer. `named`: what the surroundings name beside a dump, if it answers. */
  readonly as: "source" | "named";
}

/** Milliseconds in which a database that only might be on the same server has to answer. */
const PATIENCE = 3_000;

/**
 * The server that was named to rehearse on, once it is known to be fit for it and not the source's own.
 *
 * @throws ConfigurationError `usage_invalid` for the source's own server, an older one, a standby, or a role that
 *   may not create databases.
 * @throws DatabaseError where one of the two cannot be reached.
 */
export async function openGivenScratch(url: string, spared: Spared, source: Wanted): Promise<ScratchServer> {
  const facts = await ask(checkScratchUrl(url));
  const where = describe(url);
  const live = await factsOf(spared);
  if (live !== null && isSameService(live, facts)) throw liveItself(where, spared);
  assertFit(facts, where, source);
  const major = Math.floor(facts.version / 10_000);
  return {
    url,
    major,
    version: versionOf(facts),
    databaseUrl: (name) => {
      const other = new URL(url);
      other.pathname = `/${encodeURIComponent(name)}`;
      return other.href;
    },
  };
}

function checkScratchUrl(url: string): string {
  try {
    return checkDatabaseUrl(url);
  } catch (error) {
    const { message } = error as Error;
    throw wrongUsage(`--scratch-url: ${message}`, "Give it as postgres://user:password@host:5432/postgres.");
  }
}

async function factsOf({ url, as }: Spared): Promise<Facts | null> {
  if (url === null) return null;
  return as === "source" ? ask(url) : ask(url, PATIENCE).catch(() => null);
}

/**
 * Whether a rehearsal on `scratch` would be felt on `live`: the same server, or the primary that `live` is a standby
 * of. A copy of the files that runs by itself has the identifier too, and is a fit place to rehearse.
 */
function isSameService(live: Facts, scratch: Facts): boolean {
  if (live.startedAt === scratch.startedAt) return true;
  return (
    live.isStandby && live.systemIdentifier !== null && live.systemIdentifier === scratch.systemIdentifier
  );
}

async function ask(url: string, timeout?: number): Promise<Facts> {
  const wait = timeout === undefined ? {} : { timeout };
  const client = await connect(url, { applicationName: APPLICATION, ...wait });
  try {
    return { ...(await readFacts(client)), systemIdentifier: await readSystemIdentifier(client) };
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * A URL says little: a host has many names. When a server was started, only that server answers so.
 * See https://www.postgresql.org/docs/current/functions-info.html
 */
async function readFacts(client: Queryable): Promise<Omit<Facts, "systemIdentifier">> {
  const { rows } = await client.query<Omit<Facts, "systemIdentifier">>(`
    SELECT pg_catalog.current_setting('server_version_num')::int AS version,
      extract(epoch FROM pg_catalog.pg_postmaster_start_time())::text AS "startedAt",
      rolname::text AS role, rolcreatedb OR rolsuper AS "mayCreate",
      pg_catalog.pg_is_in_recovery() AS "isStandby"
    FROM pg_catalog.pg_roles WHERE rolname = current_user`);
  const [facts] = rows;
  if (facts === undefined) throw new Error("a server that does not know its own role");
  return facts;
}

/** Everybody may ask, unless that was taken away. See https://www.postgresql.org/docs/current/functions-info.html */
async function readSystemIdentifier(client: Queryable): Promise<string | null> {
  const text = "SELECT system_identifier::text AS identifier FROM pg_catalog.pg_control_system()";
  const found = await client.query<{ identifier: string }>(text).catch(() => null);
  return found?.rows[0]?.identifier ?? null;
}

function versionOf({ version }: Facts): string {
  return `${Math.floor(version / 10_000)}.${version % 10_000}`;
}

function liveItself(where: string, { as }: Spared): Error {
  const felt = "a rehearsal loads it, and holds locks there that its users would feel.";
  if (as === "source") {
    return wrongUsage(
      `--scratch-url names the source's own server (${where}), or the one it is a standby of: ${felt}`,
      "Name another server, or none: a throwaway one is started then.",
    );
  }
  return wrongUsage(
    `--scratch-url names the server (${where}) of the database that DATABASE_URL or the configuration names: ${felt}`,
    "Name another server, or none: a throwaway one is started then. Where nobody works on that database, unset DATABASE_URL for this command.",
  );
}

function assertFit(facts: Facts, where: string, { serverVersion }: Wanted): void {
  const major = majorOf(serverVersion);
  if (major !== null && major > Math.floor(facts.version / 10_000)) {
    throw wrongUsage(
      `The server of --scratch-url is PostgreSQL ${versionOf(facts)}, and the source is of ${serverVersion}: an older server does not read what a newer one wrote.`,
      `Name a server of PostgreSQL ${major} with --scratch-url, or none.`,
    );
  }
  if (facts.isStandby) {
    throw wrongUsage(
      `The server of --scratch-url (${where}) is a standby, on which no database can be made.`,
      "Name a server that can be written to.",
    );
  }
  if (!facts.mayCreate) {
    throw wrongUsage(
      `The role ${facts.role} may not create databases on the server of --scratch-url (${where}).`,
      `ALTER ROLE ${quoteIdentifier(facts.role)} CREATEDB;`,
    );
  }
}
