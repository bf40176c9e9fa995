import { hash } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import type { ConfigurationInput } from "../../src/config/schema.ts";
import { loadSample } from "../../src/embedded/samples/load.ts";
import type { SampleName, SampleOptions } from "../../src/embedded/samples/shape.ts";
import { graft } from "./graft.ts";
import { OWNER } from "./owner.ts";

/** A number that no other user of the server's advisory locks has: the digits spell no word. */
const TEMPLATE_LOCK = 7_130_452_118;

const templates = new Map<string, Promise<void>>();

/**
 * The database to copy for a sample: made by the first test of the run that asks for it, on each server.
 * Returns its name.
 */
export function sampleTemplate(sample: SampleName, options: SampleOptions): Promise<string> {
  const { users = 200, seed = 1, emailCaseDuplicates = 0 } = options;
  return template(`sample_${sample}_${users}_${seed}_${emailCaseDuplicates}`, async (name, administrator) => {
    await administrator.query(`CREATE DATABASE ${name} OWNER ${OWNER.name}`);
    const client = new pg.Client({ connectionString: ownersUrl(name) });
    await client.connect();
    await loadSample(client, sample, { users, seed, emailCaseDuplicates }).finally(() => client.end());
  });
}

/** The database to copy for what some SQL makes. */
export function sqlTemplate(sql: string): Promise<string> {
  return template(`sql_${digest(sql)}`, async (name, administrator) => {
    await administrator.query(`CREATE DATABASE ${name} OWNER ${OWNER.name}`);
    const client = new pg.Client({ connectionString: ownersUrl(name) });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  });
}

/** A copy of a template, grafted as `authgraft up` does it. */
export function graftedTemplate(plain: string, configuration: ConfigurationInput): Promise<string> {
  return template(
    `grafted_${digest(JSON.stringify(configuration))}_${plain}`,
    async (name, administrator) => {
      await administrator.query(`CREATE DATABASE ${name} OWNER ${OWNER.name} TEMPLATE ${plain}`);
      await graft({ url: ownersUrl(name) }, configuration);
    },
  );
}

function digest(text: string): string {
  return hash("sha256", text).slice(0, 10);
}

type Make = (name: string, administrator: pg.Client) => Promise<void>;

async function template(name: string, make: Make): Promise<string> {
  // One process may run tests of several servers, one after the other.
  const place = `${inject("postgresUrl")} ${name}`;
  const made = templates.get(place) ?? ensureTemplate(name, make);
  templates.set(place, made);
  await made;
  return name;
}

async function ensureTemplate(name: string, make: Make): Promise<void> {
  const client = new pg.Client({ connectionString: inject("postgresUrl") });
  await client.connect();
  try {
    // Test files run side by side, in processes of their own. The lock ends with the connection.
    await client.query("SELECT pg_advisory_lock($1)", [TEMPLATE_LOCK]);
    const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [name]);
    if (rowCount === 0) await makeTemplate(client, name, make);
  } finally {
    await client.end();
  }
}

async function makeTemplate(administrator: pg.Client, name: string, make: Make): Promise<void> {
  const unfinished = `${name}_unfinished`;
  await administrator.query(`DROP DATABASE IF EXISTS ${unfinished} WITH (FORCE)`);
  await make(unfinished, administrator);
  // Nobody can be connected to what is copied: nobody can connect.
  await administrator.query(`ALTER DATABASE ${unfinished} ALLOW_CONNECTIONS false`);
  await administrator.query(`ALTER DATABASE ${unfinished} RENAME TO ${name}`);
}

function ownersUrl(database: string): string {
  const { host } = new URL(inject("postgresUrl"));
  return `postgres://${OWNER.name}:${OWNER.password}@${host}/${database}`;
}
