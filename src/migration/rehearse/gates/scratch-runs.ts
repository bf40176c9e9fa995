import { randomBytes } from "node:crypto";
import type { Client } from "../../../postgres/client.ts";
import { connect } from "../../../postgres/connect.ts";
import { quoteIdentifier } from "../../../postgres/identifiers.ts";
import { dropMadeUpRoles } from "../restore/made-up-roles.ts";
import { MADE_UP, markFor } from "../restore/restore-role.ts";

/*
 * A rehearsal that is killed takes nothing away. So each run has a number: its databases have it in their names, its
 * roles in their comments, and as long as it lives one connection holds an advisory lock of that number. What has the
 * number of no run that lives is of one that was killed, and the next run takes it away.
 */

/** The first of the lock's two keys: `AgRe`, Authgraft rehearsal. */
const LOCK = 0x41_67_52_65;

const DATABASE = /^authgraft_rehearsal_([0-9a-f]{8})_[0-9a-f]{16}$/;

/** A number that no other run has, in hexadecimal. */
export function newRun(): string {
  return randomBytes(4).toString("hex");
}

/** A name for a database of the run that nobody else has. */
export function databaseNameOf(run: string): string {
  return `authgraft_rehearsal_${run}_${randomBytes(8).toString("hex")}`;
}

/** The mark of the roles that the run makes. */
export function markOf(run: string): string {
  return markFor(databaseNameOf(run));
}

/**
 * Says that the run lives, for as long as the connection does.
 *
 * @see https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
 */
export async function beginRun(url: string, run: string): Promise<Client & { end(): Promise<void> }> {
  const client = await connect(url, { applicationName: "authgraft rehearsal" });
  await client.query("SET search_path = pg_catalog, pg_temp; SET idle_session_timeout = 0");
  await client.query("SELECT pg_advisory_lock($1, $2)", [LOCK, Number.parseInt(run, 16) | 0]);
  return client;
}

/** Takes away what runs that were killed have left; what cannot be taken away stays. */
export async function sweepDeadRuns(client: Client, url: string): Promise<void> {
  const { rows: databases } = await client.query<{ name: string }>(
    "SELECT datname::text AS name FROM pg_catalog.pg_database",
  );
  const { rows: roles } = await client.query<{ name: string; mark: string }>(
    `SELECT name, mark FROM (SELECT rolname::text AS name, pg_catalog.shobj_description(oid, 'pg_authid') AS mark FROM pg_catalog.pg_roles) r
     WHERE pg_catalog.starts_with(mark, $1)`,
    [`${MADE_UP}, `],
  );
  // Asked last: a run says that it lives before it makes anything.
  const { rows: living } = await client.query<{ run: string }>(
    `SELECT pg_catalog.lpad(pg_catalog.to_hex(objid::bigint), 8, '0') AS run FROM pg_catalog.pg_locks
     WHERE locktype = 'advisory' AND objsubid = 2 AND classid = $1 AND granted`,
    [LOCK],
  );
  const runs = new Set(living.map(({ run }) => run));
  const marks = new Set([...runs].map(markOf));
  for (const { name } of databases) {
    const run = DATABASE.exec(name)?.[1];
    if (run === undefined || runs.has(run)) continue;
    const drop = `DROP DATABASE IF EXISTS ${quoteIdentifier(name)} WITH (FORCE)`;
    await client.query(drop).catch(() => undefined);
  }
  const dead = roles.filter(({ mark }) => !marks.has(mark)).map(({ name }) => name);
  await dropMadeUpRoles(url, dead);
}

/** The roles that a run has made, whoever was told of them. */
export async function rolesOf(client: Client, run: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    "SELECT rolname::text AS name FROM pg_catalog.pg_roles WHERE pg_catalog.shobj_description(oid, 'pg_authid') = $1",
    [markOf(run)],
  );
  return rows.map(({ name }) => name);
}
