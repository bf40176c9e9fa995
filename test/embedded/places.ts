import { rm } from "node:fs/promises";
import pg from "pg";
import { onTestFinished } from "vitest";
import {
  type EmbeddedPostgresOptions,
  type EmbeddedServer,
  startEmbeddedPostgres,
} from "../../src/embedded/server.ts";
import { makeTestDirectory } from "../support/directory.ts";

/** A directory that is gone with the test. Others may pass through it unless `mode` says otherwise. */
export async function temporaryDirectory(mode = 0o711): Promise<string> {
  const directory = await makeTestDirectory(mode);
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Starts a server that is stopped with the test, before its directory goes. */
export async function start(options: EmbeddedPostgresOptions): Promise<EmbeddedServer> {
  const server = await startEmbeddedPostgres({ durable: false, ...options });
  onTestFinished(() => server.stop("immediate"));
  return server;
}

/** Runs one statement over a connection of its own. */
export async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
