import type { Queryable } from "../../../postgres/client.ts";
import { connect } from "../../../postgres/connect.ts";
import { quoteIdentifier, quoteLiteral } from "../../../postgres/identifiers.ts";
import { sqlState } from "../../../postgres/sqlstate.ts";
import type { LeftOutList } from "./left-out-list.ts";
import { type NamedRole, namedRoles, replaceRoles } from "./named-roles.ts";
import { MADE_UP, markFor, roleReaches, type Standing } from "./restore-role.ts";

const DUPLICATE = "42710";
const UNDEFINED = "42704";
const STILL_USED = "2BP01";
const ATTEMPTS = 3;

/** How a role that the dump names stands on the scratch server. */
type Stand = "itself" | "too powerful" | "not ours" | "not a member" | "missing";

/** The roles that a dump names: looked up, made up, or stood in for. */
export class MadeUpRoles {
  readonly #admin: Queryable;
  readonly #standing: Standing;
  /** Whom the dump is restored as. */
  readonly #self: string;
  readonly #leftOut: LeftOutList;
  readonly #stands = new Map<string, Stand>();
  readonly #made: string[] = [];

  constructor(admin: Queryable, standing: Standing, self: string, leftOut: LeftOutList) {
    this.#admin = admin;
    this.#standing = standing;
    this.#self = self;
    this.#leftOut = leftOut;
  }

  /** Those a rehearsal made up, this one or another at the same time. */
  get made(): readonly string[] {
    return this.#made;
  }

  /** Whether the server has a role of that name that no rehearsal made, and that has no privileges of the server's. */
  isNotOurs(name: string): boolean {
    return this.#stands.get(name) === "not ours";
  }

  /**
   * The statement as it can be run: the roles it names are there, or another stands in for them.
   *
   * @param isTold whether a role that is stood in for is worth telling.
   */
  async prepare(sql: string, isTold: boolean): Promise<string> {
    const roles = namedRoles(sql);
    for (const { name } of roles) {
      const stand = this.#stands.get(name) ?? (await this.#find(name));
      this.#stands.set(name, stand);
      if (isTold && stand !== "itself") this.#report(name, stand);
    }
    return replaceRoles(sql, roles, (role) => this.#substitute(role));
  }

  #substitute(role: NamedRole): string {
    const stand = this.#stands.get(role.name);
    if (stand === "too powerful") return this.#self;
    return role.acts && stand !== "itself" ? this.#self : role.name;
  }

  #report(name: string, stand: Stand): void {
    const reason = {
      itself: "",
      missing: `role "${name}" does not exist, and ${this.#standing.name} may not make it: ${this.#self} owns what it would`,
      "too powerful": `the scratch server has a role of that name with privileges of its own: ${this.#self} stands in for it`,
      "not ours": `the scratch server has a role of that name, which no rehearsal made: ${this.#self} stands in for it`,
      "not a member": `${this.#self} is no member of it: ${this.#self} owns what it would`,
    };
    this.#leftOut.add({ kind: "role", name }, reason[stand]);
  }

  async #find(name: string): Promise<Stand> {
    if (name === this.#self || name.startsWith("pg_")) return "itself";
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#makeOrJoin(name);
      } catch (error) {
        // Another rehearsal that ends just now may have dropped it between two of our statements.
        if (sqlState(error) !== UNDEFINED || attempt === ATTEMPTS) throw error;
      }
    }
  }

  async #makeOrJoin(name: string): Promise<Stand> {
    const reaches = await roleReaches(this.#admin, name);
    if (reaches === true) return "too powerful";
    if (!this.#standing.createsRoles) return reaches === undefined ? "missing" : this.#membership(name);
    if (reaches === undefined) await this.#make(name);
    // A role that was there may own databases and may be let in elsewhere: what a dump brings never becomes a member.
    if (!(await isMadeUp(this.#admin, name))) return "not ours";
    this.#made.push(name);
    return this.#join(name);
  }

  async #make(name: string): Promise<void> {
    const role = quoteIdentifier(name);
    try {
      // In one transaction: nobody sees it without its mark.
      await this.#admin.query(
        `CREATE ROLE ${role} NOLOGIN; COMMENT ON ROLE ${role} IS ${quoteLiteral(markFor(this.#standing.database))}`,
      );
    } catch (error) {
      // Another rehearsal made it in the same moment.
      if (sqlState(error) !== DUPLICATE && sqlState(error) !== "23505") throw error;
    }
  }

  async #join(name: string): Promise<Stand> {
    const role = quoteIdentifier(name);
    try {
      await this.#admin.query(`GRANT ${role} TO ${quoteIdentifier(this.#self)}`);
    } catch (error) {
      if (sqlState(error) !== "42501") throw error;
      return "not a member";
    }
    // Everybody has it anyway. That the database names the role keeps another rehearsal from dropping it.
    await this.#admin
      .query(`GRANT CONNECT ON DATABASE ${quoteIdentifier(this.#standing.database)} TO ${role}`)
      .catch((error: unknown) => {
        if (sqlState(error) !== "42501") throw error;
      });
    return "itself";
  }

  async #membership(name: string): Promise<Stand> {
    const { rows } = await this.#admin.query<{ member: boolean }>(
      "SELECT pg_catalog.pg_has_role(current_user, $1::name, 'MEMBER') AS member",
      [name],
    );
    return rows[0]?.member === true ? "itself" : "not a member";
  }
}

async function isMadeUp(admin: Queryable, name: string): Promise<boolean> {
  const { rows } = await admin.query<{ remark: string | null }>(
    "SELECT pg_catalog.shobj_description(oid, 'pg_authid') AS remark FROM pg_catalog.pg_roles WHERE rolname = $1",
    [name],
  );
  return rows[0]?.remark?.startsWith(MADE_UP) ?? false;
}

/**
 * Drops roles that rehearsals made up, once the databases that used them are gone. Leaves alone what another
 * database still uses, and whatever was not made up by a rehearsal.
 *
 * @param url of the scratch server, as the role that made them.
 * @param onFailed told of each that could not be dropped although nothing uses it; the others are dropped all the same.
 * @returns those that are gone.
 * @see https://www.postgresql.org/docs/current/sql-droprole.html
 */
export async function dropMadeUpRoles(
  url: string,
  names: readonly string[],
  onFailed: (name: string) => void = () => undefined,
): Promise<readonly string[]> {
  if (names.length === 0) return [];
  const admin = await connect(url, { applicationName: "authgraft rehearse" });
  try {
    await admin.query("SET search_path = pg_catalog, pg_temp");
    const dropped: string[] = [];
    for (const name of names) {
      const gone = await dropOne(admin, name).catch(() => onFailed(name));
      if (gone === true) dropped.push(name);
    }
    return dropped;
  } finally {
    await admin.end();
  }
}

async function dropOne(admin: Queryable, name: string): Promise<boolean> {
  if (!(await isMadeUp(admin, name))) return false;
  try {
    await admin.query(`DROP ROLE IF EXISTS ${quoteIdentifier(name)}`);
    return true;
  } catch (error) {
    if (sqlState(error) !== STILL_USED) throw error;
    return false;
  }
}
