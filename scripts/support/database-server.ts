import { randomBytes } from "node:crypto";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadSample } from "../../src/embedded/samples/load.ts";
import { startEmbeddedPostgres } from "../../src/embedded/server.ts";
import { up } from "../../src/migration/up.ts";
import { connect } from "../../src/postgres/connect.ts";

/** A PostgreSQL of its own, gone with its data when it is removed. */
export interface DatabaseServer {
  /** As PostgreSQL says it: `18.4`. */
  readonly version: string;
  /** Where logs and the like may lie; it goes with the data. */
  readonly directory: string;
  /** Makes an empty database of an ordinary role and gives back that role's URL. */
  createDatabase(name: string): Promise<string>;
  remove(): Promise<void>;
}

const OWNER = "app_owner";

/** Starts it; `durable` as it would be in production. */
export async function startDatabaseServer(durable: boolean): Promise<DatabaseServer> {
  const directory = await mkdtemp(join(tmpdir(), "authgraft-measure-"));
  // Where this runs as root, PostgreSQL runs as another account.
  await chmod(directory, 0o711);
  const server = await startEmbeddedPostgres({ dataDirectory: join(directory, "data"), durable });
  const password = randomBytes(18).toString("base64url");
  await query(server.url, `CREATE ROLE ${OWNER} LOGIN PASSWORD '${password}'`);
  return {
    version: server.version,
    directory,
    async createDatabase(name) {
      await query(server.url, `CREATE DATABASE ${name} OWNER ${OWNER}`);
      const url = new URL(server.databaseUrl(name));
      url.username = OWNER;
      url.password = password;
      return url.href;
    },
    async remove() {
      await server.stop("fast");
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Loads sample B into an empty database and grafts it, as `authgraft up` does. */
export async function makeGraftedSample(databaseUrl: string, users: number): Promise<void> {
  const client = await connect(databaseUrl, { applicationName: "measure" });
  await loadSample(client, "b", { users }).finally(() => client.end());
  const { state, refusals } = await up({ databaseUrl });
  if (state !== "applied")
    throw new Error(`not grafted: ${refusals.map(({ message }) => message).join("; ")}`);
}

/** Runs one statement on a connection of its own and gives back its rows. */
export async function query<Row extends object>(
  url: string,
  sql: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const client = await connect(url, { applicationName: "measure" });
  try {
    return (await client.query<Row>(sql, [...values])).rows;
  } finally {
    await client.end();
  }
}
