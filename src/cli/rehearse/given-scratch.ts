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
  readonly role: string;
  readonly mayCreate: boolean;
  readonly isStandby: boolean;
}

/**
 * The server that was named to rehearse on, once it is known to be fit for it and not the source's own.
 *
 * @param sourceUrl the live database; null for a dump.
 * @throws ConfigurationError `usage_invalid` for the source's own server, an older one, a standby, or a role that
 *   may not create databases.
 * @throws DatabaseError where one of the two cannot be reached.
 */
export async function openGivenScratch(
  url: string,
  sourceUrl: string | null,
  source: Wanted,
): Promise<ScratchServer> {
  const facts = await ask(checkScratchUrl(url));
  const where = describe(url);
  if (sourceUrl !== null && (await ask(sourceUrl)).startedAt === facts.startedAt) throw sourceItself(where);
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

async function ask(url: string): Promise<Facts> {
  const client = await connect(url, { applicationName: APPLICATION });
  try {
    return await readFacts(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * A URL says little: a host has many names. When a server was started, only that server answers so.
 * See https://www.postgresql.org/docs/current/functions-info.html
 */
async function readFacts(client: Queryable): Promise<Facts> {
  const { rows } = await client.query<Facts>(`
    SELECT pg_catalog.current_setting('server_version_num')::int AS version,
      extract(epoch FROM pg_catalog.pg_postmaster_start_time())::text AS "startedAt",
      rolname::text AS role, rolcreatedb OR rolsuper AS "mayCreate",
      pg_catalog.pg_is_in_recovery() AS "isStandby"
    FROM pg_catalog.pg_roles WHERE rolname = current_user`);
  const [facts] = rows;
  if (facts === undefined) throw new Error("a server that does not know its own role");
  return facts;
}

function versionOf({ version }: Facts): string {
  return `${Math.floor(version / 10_000)}.${version % 10_000}`;
}

function sourceItself(where: string): Error {
  return wrongUsage(
    `--scratch-url names the source's own server (${where}): a rehearsal loads it, and holds locks there that its users would feel.`,
    "Name another server, or none: a throwaway one is started then.",
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
