import type pg from "pg";
import { MigrationError } from "../../../errors.ts";
import { connect } from "../../../postgres/connect.ts";
import { prepareSession } from "../../../postgres/migration-session.ts";
import {
  giveDatabase,
  type RestoreLogin,
  readStanding,
  type Standing,
  tooPowerful,
  urlAs,
} from "../restore/restore-role.ts";
import { inScope } from "./definitions/scope.ts";
import { VALUE_SETTINGS } from "./source-session.ts";

/**
 * Two connections to the database that is filled. What may run code of the source's (a default, an index's
 * expression, a query) goes through `worker`, which may do nothing beyond the database; what cannot (owners,
 * grants, comments) goes through `admin`, which may give things to others.
 */
export interface ScratchSession {
  readonly admin: pg.Client;
  readonly worker: pg.Client;
  readonly standing: Standing;
  /** Whom the copy is made as. */
  readonly self: string;
  /** The login that was made for the copy, if one had to be. */
  readonly made: string | null;
  end(): Promise<void>;
}

const MAKING =
  "SET check_function_bodies TO off; SET synchronous_commit TO off; SET maintenance_work_mem TO '256MB'";

/**
 * Opens an empty database of the scratch server.
 *
 * @throws MigrationError `refused` where the database holds something, or the server's role is too powerful
 *   to copy with and can make no lesser one.
 */
export async function openScratch(url: string, login: RestoreLogin): Promise<ScratchSession> {
  const admin = await prepared(url);
  try {
    const standing = await readStanding(admin);
    await assertEmpty(admin, standing.database);
    if (!standing.reaches) return session(admin, await prepared(url), standing, null);
    if (!standing.createsRoles) throw tooPowerful(standing);
    await giveDatabase(admin, standing, login);
    return session(admin, await prepared(urlAs(url, login)), standing, login.name);
  } catch (error) {
    await admin.end().catch(() => undefined);
    throw error;
  }
}

function session(
  admin: pg.Client,
  worker: pg.Client,
  standing: Standing,
  made: string | null,
): ScratchSession {
  const end = async () => {
    await Promise.allSettled([admin.end(), worker.end()]);
  };
  return { admin, worker, standing, self: made ?? standing.name, made, end };
}

async function prepared(url: string): Promise<pg.Client> {
  const client = await connect(url, { applicationName: "authgraft rehearse" });
  await prepareSession(client, { readOnly: false });
  await client.query(`${VALUE_SETTINGS}; ${MAKING}`);
  return client;
}

async function assertEmpty(client: pg.Client, database: string): Promise<void> {
  const { rowCount } = await client.query(
    `SELECT FROM pg_class c WHERE ${inScope("c.relnamespace")} AND c.relkind IN ('r', 'p') LIMIT 1`,
  );
  if (rowCount === 0) return;
  throw new MigrationError(
    "refused",
    `The database ${database} is not empty: a copy goes into an empty one.`,
    {
      fix: "Name a scratch server on which nothing of worth stands.",
    },
  );
}
