import { randomBytes } from "node:crypto";
import { MigrationError } from "../../../errors.ts";
import type { Queryable } from "../../../postgres/client.ts";
import { quoteIdentifier, quoteLiteral } from "../../../postgres/identifiers.ts";

/*
 * A dump is a program: default expressions, triggers, DO blocks and index expressions run as whoever restores it.
 * No list of forbidden words bounds that, since a DO block can put any statement together. What does is the role it
 * runs as: a superuser could start programs (COPY … FROM PROGRAM, untrusted languages, C functions, ALTER SYSTEM),
 * read and write the server's files (lo_import, pg_read_file) and connect elsewhere (dblink, subscriptions); so could
 * CREATEROLE before 16, which may make itself a member of pg_execute_server_program. A role with none of these can do
 * all that tables need, and to the machine nothing but use up its time and disk.
 *
 * So, where the scratch server's role is more than that, a role is made that logs in for the dump and owns what it
 * makes; nothing of the dump is ever sent over the other connection. The dump's owners are made up, and that role is
 * a member of them. A role that has privileges of the server's (a dump often names `postgres`) is never given an
 * object, because a SECURITY DEFINER function would run as it: the dump's own role stands in for it.
 */

/** Marks what a rehearsal made up, so that nothing else is ever dropped. */
export const MADE_UP = "made up for a rehearsal by Authgraft";

/** The mark of what is made for a database: of a rehearsal's own, the number of the run, which is in their names. */
export function markFor(database: string): string {
  const run = /^authgraft_rehearsal_([0-9a-f]{8})_/.exec(database)?.[1];
  return run === undefined ? MADE_UP : `${MADE_UP}, in the run ${run}`;
}

/** Predefined roles that reach beyond the database. */
const REACHING = [
  "pg_execute_server_program",
  "pg_read_server_files",
  "pg_write_server_files",
  "pg_create_subscription",
];

/** Whether a role, by itself or by membership, could do more than a dump needs; `$1` is the list above. */
const REACHES = `EXISTS (SELECT FROM pg_catalog.pg_roles p
  WHERE (p.rolsuper OR p.rolcreaterole OR p.rolreplication OR p.rolname = ANY($1::text[]))
    AND pg_catalog.pg_has_role(r.oid, p.oid, 'MEMBER'))`;

/** What the scratch server's role may do. */
export interface Standing {
  readonly name: string;
  readonly database: string;
  readonly superuser: boolean;
  readonly createsRoles: boolean;
  /** Whether it is more than a dump may run as. */
  readonly reaches: boolean;
  readonly major: number;
  readonly version: string;
}

/** Reads what the connection's role may do. */
export async function readStanding(client: Queryable): Promise<Standing> {
  const { rows } = await client.query<Standing>(
    `SELECT r.rolname AS name, pg_catalog.current_database() AS database, r.rolsuper AS superuser,
       r.rolsuper OR r.rolcreaterole AS "createsRoles", ${REACHES} AS reaches,
       pg_catalog.current_setting('server_version_num')::int / 10000 AS major,
       pg_catalog.current_setting('server_version') AS version
     FROM pg_catalog.pg_roles r WHERE r.rolname = current_user`,
    [REACHING],
  );
  const standing = rows[0];
  if (standing === undefined) throw new TypeError("a connection's own role is always there");
  return standing;
}

/** Whether an existing role reaches beyond the database; undefined where there is no such role. */
export async function roleReaches(client: Queryable, name: string): Promise<boolean | undefined> {
  const { rows } = await client.query<{ reaches: boolean }>(
    `SELECT ${REACHES} AS reaches FROM pg_catalog.pg_roles r WHERE r.rolname = $2`,
    [REACHING, name],
  );
  return rows[0]?.reaches;
}

/** The login that a dump is restored as. */
export interface RestoreLogin {
  readonly name: string;
  readonly password: string;
}

/** A login that no other rehearsal on the server has. */
export function newRestoreLogin(): RestoreLogin {
  return {
    name: `authgraft_rehearsal_${randomBytes(5).toString("hex")}`,
    password: randomBytes(18).toString("hex"),
  };
}

/** Makes the login where it is not there yet, and gives it the database. */
export async function giveDatabase(admin: Queryable, standing: Standing, login: RestoreLogin): Promise<void> {
  const role = quoteIdentifier(login.name);
  if ((await roleReaches(admin, login.name)) === undefined) {
    // In one transaction: nobody sees it without its mark.
    await admin.query(
      `CREATE ROLE ${role} LOGIN PASSWORD ${quoteLiteral(login.password)}; COMMENT ON ROLE ${role} IS ${quoteLiteral(markFor(standing.database))}`,
    );
    // To give away the database, and to drop it later, takes membership.
    if (!standing.superuser) await admin.query(`GRANT ${role} TO CURRENT_USER`);
  }
  await admin.query(`ALTER DATABASE ${quoteIdentifier(standing.database)} OWNER TO ${role}`);
  // From 15 on, `public` belongs to whoever owns the database.
  if (standing.superuser && standing.major < 15) await admin.query(`ALTER SCHEMA public OWNER TO ${role}`);
}

/** The same database as another role. */
export function urlAs(databaseUrl: string, login: RestoreLogin): string {
  const url = new URL(databaseUrl);
  url.username = encodeURIComponent(login.name);
  url.password = encodeURIComponent(login.password);
  url.searchParams.delete("user");
  url.searchParams.delete("password");
  return url.href;
}

/** The error of a role that is too much for a dump and cannot make a lesser one. */
export function tooPowerful(standing: Standing): MigrationError {
  return new MigrationError(
    "refused",
    `The scratch server's role ${standing.name} may reach the machine's files or programs, and may make no role that may not: a dump would run with that.`,
    { fix: "Name a role with CREATEDB and nothing else in --scratch-url." },
  );
}
