import { loadSample } from "../../embedded/samples/load.ts";
import type { SampleName } from "../../embedded/samples/shape.ts";
import type { EmbeddedServer } from "../../embedded/server.ts";
import { connect } from "../../postgres/connect.ts";
import { quoteLiteral } from "../../postgres/identifiers.ts";
import { SqlState, sqlState } from "../../postgres/sqlstate.ts";

/** The role that owns the sample databases: no superuser, like an application's own. */
const OWNER = "sample_owner";

const APPLICATION = { applicationName: "authgraft demo" };

/** A sample database that is loaded and can be connected to. */
export interface SampleDatabase {
  readonly sample: SampleName;
  readonly url: string;
  /** Whether it was loaded just now. */
  readonly isNew: boolean;
}

/** Makes the samples' owner, or gives it this password again. */
export async function prepareOwner(server: EmbeddedServer, password: string): Promise<void> {
  const client = await connect(server.url, APPLICATION);
  try {
    await client.query(`CREATE ROLE ${OWNER} LOGIN`).catch((error: unknown) => {
      if (sqlState(error) !== "42710") throw error;
    });
    await client.query(`ALTER ROLE ${OWNER} PASSWORD ${quoteLiteral(password)}`);
  } finally {
    await client.end();
  }
}

/**
 * Loads a sample where it is not there yet. It is loaded under another name and renamed at the end, so a
 * start that was cut short leaves nothing half loaded behind.
 */
export async function ensureSample(
  server: EmbeddedServer,
  sample: SampleName,
  options: { readonly users: number; readonly password: string; readonly onLoad: () => void },
): Promise<SampleDatabase> {
  const name = `sample_${sample}`;
  const url = ownerUrl(server, name, options.password);
  if (await exists(url)) return { sample, url, isNew: false };
  options.onLoad();
  const loading = `${name}_loading`;
  const administrator = await connect(server.url, APPLICATION);
  try {
    await administrator.query(`DROP DATABASE IF EXISTS ${loading} WITH (FORCE)`);
    await administrator.query(`CREATE DATABASE ${loading} OWNER ${OWNER}`);
    await load(ownerUrl(server, loading, options.password), sample, options.users);
    await administrator.query(`ALTER DATABASE ${loading} RENAME TO ${name}`);
  } finally {
    await administrator.end();
  }
  return { sample, url, isNew: true };
}

async function load(url: string, sample: SampleName, users: number): Promise<void> {
  const client = await connect(url, APPLICATION);
  try {
    await loadSample(client, sample, { users });
  } finally {
    await client.end();
  }
}

async function exists(url: string): Promise<boolean> {
  try {
    await (await connect(url, APPLICATION)).end();
    return true;
  } catch (error) {
    if (error instanceof Error && sqlState(error.cause) === SqlState.databaseMissing) return false;
    throw error;
  }
}

function ownerUrl(server: EmbeddedServer, database: string, password: string): string {
  const url = new URL(server.databaseUrl(database));
  url.username = OWNER;
  url.password = password;
  return url.href;
}
