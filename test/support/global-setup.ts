import pg from "pg";
import type { TestProject } from "vitest/node";
import type { PostgresMajor } from "../../src/embedded/binaries.ts";
import { OWNER } from "./owner.ts";
import { scramVerifier } from "./scram.ts";
import { startThrowawayServer } from "./server.ts";

declare module "vitest" {
  interface ProvidedContext {
    postgresMajor: PostgresMajor;
    /** The superuser's connection string to the database `postgres`. */
    postgresUrl: string;
  }
}

const SETTINGS = {
  max_connections: "200",
  // For publications and for prepared transactions, which `plan` has to notice.
  wal_level: "logical",
  max_prepared_transactions: "10",
  max_wal_size: "512MB",
  autovacuum_naptime: "10min",
  track_activity_query_size: "16kB",
};

/** Starts the PostgreSQL that all tests of a project share; returns what stops and removes it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { postgresMajor } = project.getProvidedContext();
  const { server, remove } = await startThrowawayServer(postgresMajor, SETTINGS);
  project.provide("postgresUrl", server.url);
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(`CREATE ROLE ${OWNER.name} LOGIN PASSWORD '${scramVerifier(OWNER.password)}'`);
  const { username, password } = new URL(server.url);
  await client.query(`ALTER ROLE ${username} PASSWORD '${scramVerifier(password)}'`);
  await client.end();
  return remove;
}
