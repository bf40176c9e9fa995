import type { Queryable } from "../../../postgres/client.ts";
import { quoteIdentifier, quoteLiteral } from "../../../postgres/identifiers.ts";
import { SqlState, sqlState } from "../../../postgres/sqlstate.ts";
import {
  markFor,
  newRestoreLogin,
  type RestoreLogin,
  readStanding,
  roleReaches,
  type Standing,
} from "../restore/restore-role.ts";

/** Whoever owns something in a database; the database's own owner first. */
const OWNERS_SQL = `
  SELECT pg_get_userbyid(o.owner)::text AS name FROM (
    SELECT datdba AS owner, 0 AS rank FROM pg_database WHERE datname = current_database()
    UNION ALL SELECT relowner, 1 FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace WHERE s.nspname !~ '^pg_' AND s.nspname <> 'information_schema'
    UNION ALL SELECT nspowner, 1 FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
  ) o WHERE pg_get_userbyid(o.owner) !~ '^pg_' GROUP BY o.owner ORDER BY min(o.rank), 1`;

/**
 * The login that works on what was restored, where the scratch server's own role could reach the server's files and
 * programs: triggers and functions of a dump run as whoever writes to its tables. It is a member of every owner in
 * the database, as a migrator is at home.
 *
 * @param known the login, where an earlier database has one already.
 * @returns null where the scratch server's own role works: it is harmless itself, or it owns the database.
 */
export async function admitActor(admin: Queryable, known: RestoreLogin | null): Promise<RestoreLogin | null> {
  const standing = await readStanding(admin);
  if (!standing.reaches) return null;
  const { rows } = await admin.query<{ name: string }>(OWNERS_SQL);
  const [database, ...others] = rows.map(({ name }) => name);
  if (database === undefined || (await roleReaches(admin, database)) !== false) return null;
  const actor = known ?? (await makeLogin(admin, standing, ""));
  for (const owner of [database, ...others]) {
    if ((await roleReaches(admin, owner)) !== false) continue;
    await admin.query(`GRANT ${quoteIdentifier(owner)} TO ${quoteIdentifier(actor.name)}`);
  }
  return actor;
}

/**
 * The login that reads rows where an actor works: to plan a query, PostgreSQL runs functions in the expressions of
 * indexes and statistics as whoever asks. Where the scratch server's role can see to it, policies hide nothing from it.
 */
export async function makeReader(admin: Queryable, actor: RestoreLogin): Promise<RestoreLogin> {
  const standing = await readStanding(admin);
  return makeLogin(
    admin,
    standing,
    `${standing.superuser ? "BYPASSRLS " : ""}IN ROLE ${quoteIdentifier(actor.name)}`,
  );
}

async function makeLogin(admin: Queryable, { database }: Standing, options: string): Promise<RestoreLogin> {
  const login = newRestoreLogin();
  const role = quoteIdentifier(login.name);
  await admin.query(
    `CREATE ROLE ${role} LOGIN PASSWORD ${quoteLiteral(login.password)} ${options}; COMMENT ON ROLE ${role} IS ${quoteLiteral(markFor(database))}`,
  );
  return login;
}

/** The users table's owner most often owns the database too, and may make tables beside it for that reason. */
export async function giveDatabaseTo(admin: Queryable, owner: string): Promise<void> {
  if ((await roleReaches(admin, owner)) !== false) return;
  const { rows } = await admin.query<{ name: string }>("SELECT current_database() AS name");
  const database = quoteIdentifier(rows[0]?.name ?? "");
  await admin
    .query(`ALTER DATABASE ${database} OWNER TO ${quoteIdentifier(owner)}`)
    .catch((error: unknown) => {
      if (sqlState(error) !== SqlState.insufficientPrivilege) throw error;
    });
}
