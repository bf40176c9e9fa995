import { randomBytes } from "node:crypto";
import type { Client } from "../../../postgres/client.ts";
import { connect } from "../../../postgres/connect.ts";
import { quoteIdentifier, quoteLiteral } from "../../../postgres/identifiers.ts";
import type { ScratchServer } from "../rehearsal.ts";
import { dropMadeUpRoles } from "../restore/made-up-roles.ts";
import { MADE_UP } from "../restore/restore-role.ts";

/** How the rehearsal's own connections present themselves; what is rehearsed calls itself `authgraft`. */
const APPLICATION = "authgraft rehearsal";

/** From this size on, copying files is faster than copying page by page through the log; bytes. */
const LARGE = 256 * 1024 * 1024;

/**
 * The databases that a rehearsal makes on the scratch server, under names that nobody else has. Nothing else
 * there is touched, and all of them go in the end.
 */
export class ScratchDatabases {
  readonly #scratch: ScratchServer;
  readonly #signal: AbortSignal | undefined;
  readonly #names = new Set<string>();
  readonly #roles = new Set<string>();
  readonly #clients = new Set<Client>();

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
    const name = nameIn(url);
    const strategy = this.#scratch.major >= 15 && (await this.#size(name)) > LARGE;
    return this.#make(quoteIdentifier(name), strategy ? " STRATEGY file_copy" : "");
  }

  /** Makes a role without a login where there is none of that name; it goes in the end. */
  async ensureRole(name: string): Promise<void> {
    await this.#onServer(async (client) => {
      const { rows } = await client.query("SELECT FROM pg_catalog.pg_roles WHERE rolname = $1", [name]);
      if (rows.length > 0) return;
      const role = quoteIdentifier(name);
      await client.query(`CREATE ROLE ${role} NOLOGIN; COMMENT ON ROLE ${role} IS ${quoteLiteral(MADE_UP)}`);
    });
    this.#roles.add(name);
  }

  /** Roles that filling a database has made: they go in the end too, unless another rehearsal uses them. */
  adoptRoles(names: readonly string[]): void {
    for (const name of names) this.#roles.add(name);
  }

  /** A connection to one of ours, with the settings that it has by itself; an interruption ends it. */
  async connect(url: string): Promise<Client> {
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

  /** Runs `work` on a connection of its own to one of ours. */
  async using<Result>(url: string, work: (client: Client) => Promise<Result>): Promise<Result> {
    const client = await this.connect(url);
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  /** Takes one away before the end, when it was only for one gate. */
  async drop(url: string): Promise<void> {
    const name = nameIn(url);
    if (this.#names.has(name)) await this.#drop(name);
  }

  /** Takes everything away that was made, whatever happened; gives the databases that could not be. */
  async dropAll(): Promise<readonly string[]> {
    await Promise.all([...this.#clients].map((client) => client.end().catch(() => undefined)));
    for (const name of [...this.#names]) await this.#drop(name).catch(() => undefined);
    await dropMadeUpRoles(this.#scratch.url, [...this.#roles]).catch(() => undefined);
    return [...this.#names];
  }

  async #make(template: string, strategy: string): Promise<string> {
    const name = `authgraft_rehearsal_${randomBytes(8).toString("hex")}`;
    this.#names.add(name);
    await this.#administrate(`CREATE DATABASE ${quoteIdentifier(name)} TEMPLATE ${template}${strategy}`);
    return this.#scratch.databaseUrl(name);
  }

  async #drop(name: string): Promise<void> {
    await this.#onServer((client) =>
      client.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)} WITH (FORCE)`),
    );
    this.#names.delete(name);
  }

  async #size(name: string): Promise<number> {
    const text = "SELECT pg_catalog.pg_database_size($1::name)::text AS bytes";
    const { rows } = await this.#onServer((client) => client.query<{ bytes: string }>(text, [name]));
    return Number(rows[0]?.bytes ?? 0);
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
