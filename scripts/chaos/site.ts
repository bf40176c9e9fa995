import { rm } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import type { PostgresMajor } from "../../src/embedded/binaries.ts";
import { loadSample } from "../../src/embedded/samples/load.ts";
import { type EmbeddedServer, startEmbeddedPostgres } from "../../src/embedded/server.ts";
import { makeTestDirectory } from "../../test/support/directory.ts";
import { OWNER } from "../../test/support/owner.ts";
import { packagesDirectoryFor } from "../../test/support/packages.ts";
import type { Stage, Subject } from "./scenario.ts";

/** A database on a site's server. */
export interface Database {
  readonly name: string;
  /** As the owner, who is no superuser. */
  readonly url: string;
  readonly superuserUrl: string;
}

/** A server of its own that can be killed and started again, with the databases to begin with. */
export class Site {
  readonly #directory: string;
  readonly #major: PostgresMajor;
  readonly #packages: string;
  #server: EmbeddedServer | null = null;
  #administrator: pg.Client | null = null;
  #made = 0;

  private constructor(directory: string, major: PostgresMajor, packages: string) {
    this.#directory = directory;
    this.#major = major;
    this.#packages = packages;
  }

  static async open(major: PostgresMajor): Promise<Site> {
    const site = new Site(await makeTestDirectory(), major, await packagesDirectoryFor(major));
    await site.start();
    await site.administrate(`CREATE ROLE ${OWNER.name} LOGIN PASSWORD '${OWNER.password}'`);
    return site;
  }

  get server(): EmbeddedServer {
    if (this.#server === null) throw new Error("the server is not running");
    return this.#server;
  }

  /** Durable: what was committed before the server was killed must be there afterwards. */
  async start(): Promise<void> {
    this.#server = await startEmbeddedPostgres({
      dataDirectory: join(this.#directory, "data"),
      major: this.#major,
      packagesDirectory: this.#packages,
      settings: { autovacuum_naptime: "10min", max_wal_size: "512MB" },
    });
    this.#administrator = await connectTo(this.#server.url);
  }

  /** Ends the server at once, as a crash of it would. */
  async crash(): Promise<void> {
    const { server } = this;
    process.kill(server.pid, "SIGQUIT");
    await this.#administrator?.end().catch(() => undefined);
    await server.stop("immediate");
    this.#server = null;
  }

  async administrate<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
    if (this.#administrator === null) throw new Error("the server is not running");
    return (await this.#administrator.query<Row>(sql, values)).rows;
  }

  /** Makes the first database of a subject: its sample, and another team's broken index. */
  async original(subject: Subject): Promise<Database> {
    const database = await this.#create(stageName(subject, "original"), "template0");
    const client = await connectTo(database.url);
    await loadSample(client, subject.sample, { users: subject.users });
    // It fails, and leaves an invalid index that nobody but the team may touch.
    await client.query("CREATE UNIQUE INDEX CONCURRENTLY team_idx ON users ((1))").catch(() => undefined);
    await client.end();
    return database;
  }

  /** A copy of another database. Nobody may be connected to that. */
  async copy(from: string, name = `kill_${++this.#made}`): Promise<Database> {
    return this.#create(name, from);
  }

  async drop({ name }: Database): Promise<void> {
    await this.administrate(`DROP DATABASE ${name} WITH (FORCE)`);
  }

  async close(): Promise<void> {
    await this.#administrator?.end().catch(() => undefined);
    await this.#server?.stop("immediate");
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #create(name: string, template: string): Promise<Database> {
    const strategy = this.#major >= 15 ? " STRATEGY file_copy" : "";
    await this.administrate(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await this.administrate(`CREATE DATABASE ${name} OWNER ${OWNER.name} TEMPLATE ${template}${strategy}`);
    const url = new URL(this.server.databaseUrl(name));
    url.username = OWNER.name;
    url.password = OWNER.password;
    return { name, url: url.href, superuserUrl: this.server.databaseUrl(name) };
  }

  /** The same database, after the server has come back on another port. */
  again({ name, url }: Database): Database {
    const moved = new URL(url);
    moved.port = String(this.server.port);
    return { name, url: moved.href, superuserUrl: this.server.databaseUrl(name) };
  }
}

/** The name of a database to begin with. */
export function stageName(subject: Subject, stage: Stage): string {
  return `stage_${subject.name}_${stage}`;
}

/** A connection that may be cut off at any time. */
export async function connectTo(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString, application_name: "chaos" });
  client.on("error", () => undefined);
  await client.connect();
  // Compiling the catalog queries would take longer than running them.
  await client.query("SET jit = off");
  return client;
}

/** Does something on a connection of its own. */
export async function withClient<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = await connectTo(url);
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
