import pg from "pg";
import { loadSample } from "../../../src/embedded/samples/load.ts";
import type { SampleName } from "../../../src/embedded/samples/shape.ts";
import { OWNER } from "../../support/owner.ts";
import { startThrowawayServer } from "../../support/server.ts";

/** A PostgreSQL of a test's own, for pages that say the same whatever its version. */
export interface OwnPostgres {
  /** The superuser's connection string. */
  readonly url: string;
  /** Makes a database that holds a sample; returns its owner's connection string. */
  makeSample(name: string, sample: SampleName): Promise<string>;
  /** The owner's connection string to a database. */
  urlOf(name: string): string;
  remove(): Promise<void>;
}

/** Starts it. */
export async function startOwnPostgres(): Promise<OwnPostgres> {
  const { server, remove } = await startThrowawayServer(18);
  await run(server.url, `CREATE ROLE ${OWNER.name} LOGIN PASSWORD '${OWNER.password}'`);
  const urlOf = (name: string) =>
    `postgres://${OWNER.name}:${OWNER.password}@127.0.0.1:${server.port}/${name}`;
  const makeSample = async (name: string, sample: SampleName) => {
    await run(server.url, `CREATE DATABASE ${name} OWNER ${OWNER.name}`);
    const client = new pg.Client({ connectionString: urlOf(name) });
    await client.connect();
    await loadSample(client, sample, { users: 200 }).finally(() => client.end());
    return urlOf(name);
  };
  return { url: server.url, makeSample, urlOf, remove };
}

async function run(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}
