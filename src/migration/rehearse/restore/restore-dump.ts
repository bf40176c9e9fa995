import type pg from "pg";
import { connect } from "../../../postgres/connect.ts";
import type { LoadOptions, LoadReport } from "../rehearsal.ts";
import { restoreInterrupted } from "./dump-error.ts";
import { DumpRestore } from "./dump-restore.ts";
import { LeftOutList } from "./left-out-list.ts";
import { MadeUpRoles } from "./made-up-roles.ts";
import {
  giveDatabase,
  type RestoreLogin,
  readStanding,
  type Standing,
  tooPowerful,
  urlAs,
} from "./restore-role.ts";
import { RestoreSession } from "./restore-session.ts";

/** What a dump is restored with. */
export interface RestoreOptions extends LoadOptions {
  /** An empty database of the scratch server. */
  readonly databaseUrl: string;
  /** Whom to restore as where the URL's role may do more than a dump should; made when it is needed. */
  readonly login: RestoreLogin;
  /** The database to restore, of a dump that holds several; null where it holds one. */
  readonly database: string | null;
}

/** What a restore came to. */
export interface Restored {
  readonly report: LoadReport;
  /** Whether the login was needed: what was restored belongs to it. */
  readonly usedLogin: boolean;
}

const APPLICATION = { applicationName: "authgraft rehearse" };

/**
 * Restores plain SQL, as pg_dump, pg_dumpall and pg_restore write it, into an empty database. Rows go through as they
 * come: memory does not grow with the dump. What the server does not take is listed, and the rest goes on.
 *
 * @throws MigrationError `dump_invalid`, `interrupted`, `refused`
 * @throws DatabaseError `database_unreachable`
 * @see https://www.postgresql.org/docs/current/app-pgdump.html
 */
export async function restoreDump(
  bytes: AsyncIterable<Uint8Array>,
  options: RestoreOptions,
): Promise<Restored> {
  const { signal } = options;
  const open: pg.Client[] = [];
  // Ended in the middle of a statement, a connection is cut, and the server stops working on it.
  const stop = () => void Promise.allSettled(open.map((client) => client.end()));
  signal?.addEventListener("abort", stop, { once: true });
  try {
    if (signal?.aborted === true) throw restoreInterrupted();
    return await restoreOver(bytes, options, open);
  } catch (error) {
    throw signal?.aborted === true ? restoreInterrupted() : error;
  } finally {
    signal?.removeEventListener("abort", stop);
    await Promise.allSettled(open.map((client) => client.end()));
  }
}

async function restoreOver(
  bytes: AsyncIterable<Uint8Array>,
  options: RestoreOptions,
  open: pg.Client[],
): Promise<Restored> {
  const admin = await connect(options.databaseUrl, APPLICATION);
  open.push(admin);
  // The dump may make operators that fit our own questions better than PostgreSQL's: none of them is found.
  await admin.query("SET search_path = pg_catalog, pg_temp");
  const standing = await readStanding(admin);
  const usedLogin = standing.reaches;
  if (usedLogin) await prepareLogin(admin, standing, options.login);
  const url = usedLogin ? urlAs(options.databaseUrl, options.login) : options.databaseUrl;
  const client = await connect(url, APPLICATION);
  open.push(client);
  const leftOut = new LeftOutList();
  const self = usedLogin ? options.login.name : standing.name;
  const roles = new MadeUpRoles(admin, standing, self, leftOut);
  const session = new RestoreSession(client);
  await session.prepare();
  const restore = new DumpRestore(bytes, { ...options, standing, session, roles, leftOut });
  const rows = await restore.run();
  const rolesMade = [...(usedLogin ? [self] : []), ...roles.made];
  return {
    report: { tables: await countTables(admin), rows, leftOut: leftOut.list(), rolesMade },
    usedLogin,
  };
}

async function prepareLogin(admin: pg.Client, standing: Standing, login: RestoreLogin): Promise<void> {
  if (!standing.createsRoles) throw tooPowerful(standing);
  await giveDatabase(admin, standing, login);
}

async function countTables(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`,
  );
  return rows[0]?.count ?? 0;
}
