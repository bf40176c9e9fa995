import type { Client } from "../../../postgres/client.ts";
import { connect } from "../../../postgres/connect.ts";
import { quoteIdentifier, quoteLiteral } from "../../../postgres/identifiers.ts";
import type { ScratchServer } from "../rehearsal.ts";
import { dropMadeUpRoles } from "../restore/made-up-roles.ts";
import { type RestoreLogin, urlAs } from "../restore/restore-role.ts";
import { admitActor, makeReader } from "./actor.ts";
import { beginRun, databaseNameOf, markOf, newRun, rolesOf, sweepDeadRuns } from "./scratch-runs.ts";

/** How the rehearsal's own connections present themselves; what is rehearsed calls itself `authgraft`. */
const APPLICATION = "authgraft rehearsal";

/** From this size on, copying files is faster than copying page by page through the log; bytes. */
const LARGE = 256 * 1024 * 1024;

/** What a copy needs to be told of its template. */
interface Description {
  readonly name: string;
  readonly bytes: number;
  readonly owner: string;
  readonly settings: readonly string[];
}

const DESCRIPTION_SQL = `
  SELECT d.datname::text AS name, pg_catalog.pg_database_size(d.oid)::float8 AS bytes, pg_catalog.pg_get_userbyid(d.datdba)::text AS owner,
    coalesce((SELECT s.setconfig FROM pg_catalog.pg_db_role_setting s WHERE s.setdatabase = d.oid AND s.setrole = 0), '{}') AS settings
  FROM pg_catalog.pg_database d WHERE d.datname = $1`;

/**
 * The databases that a rehearsal makes on the scratch server, under names that nobody else has. Nothing else
 * there is touched, and all of them go in the end; those of a run that was killed go when the next one begins.
 */
export class ScratchDatabases {
  readonly #scratch: ScratchServer;
  readonly #signal: AbortSignal | undefined;
  readonly #run = newRun();
  /** The connection that says that the run lives. */
  #living: Promise<Client> | null = null;
  readonly #names = new Set<string>();
  readonly #roles = new Set<string>();
  readonly #clients = new Set<Client>();
  #actor: RestoreLogin | null = null;
  #reader: RestoreLogin | null = null;

  constructor(scratch: ScratchServer, signal: AbortSignal | undefined) {
    this.#scratch = scratch;
    this.#signal = signal;
  }

  /** An empty database; gives its URL. */
  async create(): Promise<string> {
    return this.#make("template0", "");
  }

  /** A copy of one of ours, to which nobody may be connected; gives its URL. */
  async copyOf(url: string): Promise<string> {
    const { name, bytes, owner, settings } = await this.#describe(nameIn(url));
    const strategy = this.#scratch.major >= 15 && bytes > LARGE ? " STRATEGY file_copy" : "";
    const copy = await this.#make(quoteIdentifier(name), `${strategy} OWNER ${quoteIdentifier(owner)}`);
    // A template gives all that stands in it, and nothing of what was set for it.
    for (const setting of settings) await this.#set(nameIn(copy), setting);
    return copy;
  }

  /** Sees to it that what works on a filled database is no more than it has to be: see `admitActor`. */
  async admit(url: string): Promise<void> {
    const actor = await this.looking(url, (admin) => admitActor(admin, this.#actor));
    if (actor === null) return;
    this.#actor = actor;
    this.#roles.add(actor.name);
    if (this.#reader !== null) return;
    this.#reader = await this.looking(url, (admin) => makeReader(admin, actor));
    this.#roles.add(this.#reader.name);
  }

  /** The URL under which work is done on one of ours, as a role that may do no more than it has to. */
  actingUrl(url: string): string {
    return this.#actor === null ? url : urlAs(url, this.#actor);
  }

  /** Makes a role without a login where there is none of that name; it goes in the end. */
  async ensureRole(name: string): Promise<void> {
    await this.#live();
    await this.#onServer(async (client) => {
      const { rows } = await client.query("SELECT FROM pg_catalog.pg_roles WHERE rolname = $1", [name]);
      if (rows.length > 0) return;
      const role = quoteIdentifier(name);
      await client.query(
        `CREATE ROLE ${role} NOLOGIN; COMMENT ON ROLE ${role} IS ${quoteLiteral(markOf(this.#run))}`,
      );
    });
    this.#roles.add(name);
  }

  /** Roles that filling a database has made: they go in the end too, unless another rehearsal uses them. */
  adoptRoles(names: readonly string[]): void {
    for (const name of names) this.#roles.add(name);
  }

  /** A connection of whoever works on it, with the settings that it has by itself; an interruption ends it. */
  async connectToAct(url: string): Promise<Client> {
    return this.#connect(this.actingUrl(url));
  }

  /**
   * A connection of the scratch server's own role, to look at the catalog. Nothing of what was restored may run on it:
   * not by way of a search path that was set for the database, and not in the planner, which runs functions in the
   * expressions of indexes. So no table of the database may be read on it; `reading` is for that.
   */
  async connectToLook(url: string): Promise<Client> {
    const client = await this.#connect(url);
    await client.query("SET search_path = pg_catalog, pg_temp");
    return client;
  }

  async #connect(url: string): Promise<Client> {
    const client: Client = await connect(url, { applicationName: APPLICATION });
    this.#clients.add(client);
    const end = () => void client.end().catch(() => undefined);
    this.#signal?.addEventListener("abort", end, { once: true });
    return {
      query: (text, values) => client.query(text, values),
      end: async () => {
        this.#signal?.removeEventListener("abort", end);
        this.#clients.delete(client);
        await client.end().catch(() => undefined);
      },
    };
  }

  /** Runs `work` on a connection that looks. */
  async looking<Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> {
    const client = await this.connectToLook(url);
    return work(client).finally(() => client.end());
  }

  /** Runs `work` on a connection that reads rows, as a role that may do no more than it has to. */
  async reading<Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> {
    const client = await this.connectToLook(this.#reader === null ? url : urlAs(url, this.#reader));
    return work(client).finally(() => client.end());
  }

  /** Runs `work` on a connection that acts. */
  async acting<Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> {
    const client = await this.connectToAct(url);
    return work(client).finally(() => client.end());
  }

  /** Takes one away before the end, when it was only for one gate. */
  async drop(url: string): Promise<void> {
    const name = nameIn(url);
    if (this.#names.has(name)) await this.#drop(name);
  }

  /** Takes everything away that was made, whatever happened; names what could not be. */
  async dropAll(): Promise<readonly string[]> {
    await Promise.all([...this.#clients].map((client) => client.end().catch(() => undefined)));
    for (const name of [...this.#names]) await this.#drop(name).catch(() => undefined);
    const stayed = [...this.#names].map((name) => `database ${name}`);
    const failed = (name: string) => void stayed.push(`role ${name}`);
    await this.#dropRoles(failed).catch(() => [...this.#roles].forEach(failed));
    await (await this.#living?.catch(() => null))?.end();
    return stayed;
  }

  /** Also those that nobody told of, because what was loaded broke off. */
  async #dropRoles(onFailed: (name: string) => void): Promise<void> {
    if (this.#living === null) return;
    const unnamed = await this.#onServer((client) => rolesOf(client, this.#run));
    await dropMadeUpRoles(this.#scratch.url, [...new Set([...unnamed, ...this.#roles])], onFailed);
  }

  async #live(): Promise<void> {
    this.#living ??= this.#begin();
    await this.#living;
  }

  async #begin(): Promise<Client> {
    const client = await beginRun(this.#scratch.url, this.#run);
    await sweepDeadRuns(client, this.#scratch.url).catch(() => undefined);
    return client;
  }

  async #make(template: string, more: string): Promise<string> {
    await this.#live();
    const name = databaseNameOf(this.#run);
    this.#names.add(name);
    await this.#administrate(`CREATE DATABASE ${quoteIdentifier(name)} TEMPLATE ${template}${more}`);
    return this.#scratch.databaseUrl(name);
  }

  async #drop(name: string): Promise<void> {
    await this.#onServer((client) =>
      client.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)} WITH (FORCE)`),
    );
    this.#names.delete(name);
  }

  async #describe(name: string): Promise<Description> {
    const { rows } = await this.#onServer((client) => client.query<Description>(DESCRIPTION_SQL, [name]));
    const [row] = rows;
    if (row === undefined) throw new TypeError(`the database ${name} is gone`);
    return row;
  }

  /** As it stands in the catalog: `search_path=shop, public`. */
  async #set(name: string, setting: string): Promise<void> {
    const place = setting.indexOf("=");
    await this.#onServer(async (client) => {
      await client.query("SELECT pg_catalog.set_config($1, $2, false)", [
        setting.slice(0, place),
        setting.slice(place + 1),
      ]);
      const parameter = setting.slice(0, place).split(".").map(quoteIdentifier).join(".");
      await client.query(`ALTER DATABASE ${quoteIdentifier(name)} SET ${parameter} FROM CURRENT`);
    });
  }

  async #onServer<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
    const client: Client = await connect(this.#scratch.url, { applicationName: APPLICATION });
    return work(client).finally(() => client.end().catch(() => undefined));
  }

  /** Cancelled, not cut off, by an interruption: what a server still makes could not be taken away. */
  async #administrate(sql: string): Promise<void> {
    await this.#onServer(async (client) => {
      const { rows } = await client.query<{ pid: number }>("SELECT pg_catalog.pg_backend_pid() AS pid");
      const cancel = () => void this.#cancel(rows[0]?.pid ?? 0).catch(() => undefined);
      this.#signal?.addEventListener("abort", cancel, { once: true });
      await client.query(sql).finally(() => this.#signal?.removeEventListener("abort", cancel));
    });
  }

  async #cancel(pid: number): Promise<void> {
    await this.#onServer((client) => client.query("SELECT pg_catalog.pg_cancel_backend($1)", [pid]));
  }
}

function nameIn(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1));
}
