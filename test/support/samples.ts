import pg from "pg";
import { inject } from "vitest";
import { loadSample } from "../../src/embedded/samples/load.ts";
import type { SampleName, SampleOptions } from "../../src/embedded/samples/shape.ts";
import { OWNER } from "./owner.ts";

/** A number that no other user of the server's advisory locks has: the digits spell no word. */
const TEMPLATE_LOCK = 7_130_452_118;

const templates = new Map<string, Promise<void>>();

/**
 * The database to copy for a sample: made by the first test of the run that asks for it, on each server.
 * Returns its name.
 */
export async function sampleTemplate(sample: SampleName, options: SampleOptions): Promise<string> {
  const { users = 200, seed = 1, emailCaseDuplicates = 0 } = options;
  const name = `sample_${sample}_${users}_${seed}_${emailCaseDuplicates}`;
  const template = templates.get(name) ?? ensureTemplate(name, sample, { users, seed, emailCaseDuplicates });
  templates.set(name, template);
  await template;
  return name;
}

async function ensureTemplate(name: string, sample: SampleName, options: SampleOptions): Promise<void> {
  const client = new pg.Client({ connectionString: inject("postgresUrl") });
  await client.connect();
  try {
    // Test files run side by side, in processes of their own. The lock ends with the connection.
    await client.query("SELECT pg_advisory_lock($1)", [TEMPLATE_LOCK]);
    const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [name]);
    if (rowCount === 0) await makeTemplate(client, name, sample, options);
  } finally {
    await client.end();
  }
}

async function makeTemplate(
  administrator: pg.Client,
  name: string,
  sample: SampleName,
  options: SampleOptions,
): Promise<void> {
  const unfinished = `${name}_unfinished`;
  await administrator.query(`DROP DATABASE IF EXISTS ${unfinished}`);
  await administrator.query(`CREATE DATABASE ${unfinished} OWNER ${OWNER.name}`);
  const url = new URL(inject("postgresUrl"));
  const connectionString = `postgres://${OWNER.name}:${OWNER.password}@${url.host}/${unfinished}`;
  const client = new pg.Client({ connectionString });
  await client.connect();
  await loadSample(client, sample, options).finally(() => client.end());
  // Nobody can be connected to what is copied: nobody can connect.
  await administrator.query(`ALTER DATABASE ${unfinished} ALLOW_CONNECTIONS false`);
  await administrator.query(`ALTER DATABASE ${unfinished} RENAME TO ${name}`);
}
