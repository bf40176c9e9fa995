import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { PostgresMajor } from "../../src/embedded/binaries.ts";
import { type EmbeddedServer, startEmbeddedPostgres } from "../../src/embedded/server.ts";
import { makeTestDirectory } from "./directory.ts";
import { packagesDirectoryFor } from "./packages.ts";

/** A server of its own and what takes it away, data included. */
export interface ThrowawayServer {
  readonly server: EmbeddedServer;
  remove(): Promise<void>;
}

/**
 * Starts a PostgreSQL that keeps nothing, for what must not touch the server that all tests share: a test that
 * kills it, reads its log or needs other settings. Call `remove` when done.
 */
export async function startThrowawayServer(
  major: PostgresMajor,
  settings: Readonly<Record<string, string>> = {},
): Promise<ThrowawayServer> {
  const packagesDirectory = await packagesDirectoryFor(major);
  const directory = await makeTestDirectory();
  const dataDirectory = join(directory, "data");
  const server = await startEmbeddedPostgres({
    dataDirectory,
    major,
    durable: false,
    settings,
    packagesDirectory,
  });
  const remove = async () => {
    await server.stop("immediate");
    await rm(directory, { recursive: true, force: true });
  };
  return { server, remove };
}
