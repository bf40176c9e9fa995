import { randomBytes } from "node:crypto";
import type pg from "pg";
import { inject, onTestFinished, TestRunner } from "vitest";
import type { ConfigurationInput } from "../../src/config/schema.ts";
import type { SampleName, SampleOptions } from "../../src/embedded/samples/shape.ts";
import { quoteIdentifier } from "../../src/postgres/identifiers.ts";
import { administrate, endAdministration } from "./administrator.ts";
import { Connections } from "./connections.ts";
import { OWNER } from "./owner.ts";
import { graftedTemplate, sampleTemplate, sqlTemplate } from "./samples.ts";
import { scramVerifier } from "./scram.ts";

/** A role that may log in. */
export interface TestRole {
  readonly name: string;
  readonly password: string;
}

/** A database for one test or one file, gone when that is over. */
export interface TestDatabase {
  readonly name: string;
  /** As the database's owner, who is not a superuser. */
  readonly url: string;
  readonly superuserUrl: string;
  /** The same database as another role. */
  urlFor(role: TestRole): string;
  /** A connected client, as the owner unless told otherwise; ended with the database at the latest. */
  client(url?: string): Promise<pg.Client>;
  /** A pool, as the owner unless told otherwise; ended with the database at the latest. */
  pool(options?: { readonly url?: string; readonly max?: number }): pg.Pool;
  /** Runs one statement as the owner, or several where there are no parameters. */
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(
    sql: string,
    parameters?: readonly unknown[],
  ): Promise<pg.QueryResult<Row>>;
  /** Makes a role of the server, named after `label` so that no other test has it; gone with the database. */
  createRole(label: string, attributes?: string): Promise<TestRole>;
  /** Ends every connection to the database and drops it. Happens by itself. */
  drop(): Promise<void>;
}

/** What a test database starts with: nothing, or a sample (of 200 users unless told otherwise). */
export interface TestDatabaseOptions extends SampleOptions {
  readonly sample?: SampleName;
  /** Instead of a sample: what makes the tables, for more than one test. */
  readonly sql?: string;
  /**
   * Grafts the tables with this configuration, as `graft` does once it is there: with `{}` as it comes. It is done
   * once a run and copied, which takes a fiftieth of the time: where the graft itself is not the subject, this is it.
   */
  readonly grafted?: ConfigurationInput;
}

const remaining = new Set<TestDatabase>();

/** The major version of PostgreSQL that this test runs on. */
export function serverMajor(): number {
  return inject("postgresMajor");
}

/** Makes an empty database, or one that holds a sample, owned by an ordinary role. */
export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  const original = await originalOf(options);
  const template = original === undefined ? "" : ` TEMPLATE ${original}`;
  // From 15 on, copying page by page through the log is the default, and slower.
  const strategy = serverMajor() >= 15 ? " STRATEGY file_copy" : "";
  await administrate(`CREATE DATABASE ${name} OWNER ${OWNER.name}${template}${strategy}`);
  const database = describeDatabase(name);
  remaining.add(database);
  // Made in a test, it ends with the test; made in beforeAll, with the file.
  if (TestRunner.getCurrentTest() !== undefined) onTestFinished(() => database.drop());
  if (options.grafted !== undefined) await renew(database, options.grafted);
  return database;
}

/** The database to copy, if any. */
async function originalOf(options: TestDatabaseOptions): Promise<string | undefined> {
  const { sample, sql, grafted, ...sampleOptions } = options;
  if (sample === undefined && sql === undefined) return undefined;
  const plain = await (sample === undefined ? sqlTemplate(sql ?? "") : sampleTemplate(sample, sampleOptions));
  return grafted === undefined ? plain : graftedTemplate(plain, grafted);
}

/** A graft is as young as its test: how old it is decides which tokens memory vouches for. */
async function renew(database: TestDatabase, { schema = "authgraft" }: ConfigurationInput): Promise<void> {
  const client = await database.client();
  await client.query(`UPDATE ${quoteIdentifier(schema)}.provenance SET recorded_at = now()`);
  await client.end();
}

/** Drops what the tests of a file left and closes the connections behind this module. */
export async function cleanUpFile(): Promise<void> {
  await Promise.all([...remaining].map((database) => database.drop()));
  await endAdministration();
}

function describeDatabase(name: string): TestDatabase {
  const url = urlOf(name, OWNER);
  const connections = new Connections(url);
  const roles: TestRole[] = [];
  const database: TestDatabase = {
    name,
    url,
    superuserUrl: urlOf(name),
    urlFor: (role) => urlOf(name, role),
    client: (clientUrl) => connections.client(clientUrl),
    pool: (options) => connections.pool(options),
    query: (sql, parameters) => connections.query(sql, parameters),
    createRole: async (label, attributes = "") => {
      const role = {
        name: `${label}_${randomBytes(4).toString("hex")}`,
        password: randomBytes(9).toString("hex"),
      };
      const verifier = scramVerifier(role.password);
      await administrate(`CREATE ROLE "${role.name}" LOGIN PASSWORD '${verifier}' ${attributes}`);
      roles.push(role);
      return role;
    },
    drop: async () => {
      if (!remaining.delete(database)) return;
      await connections.end();
      await administrate(`DROP DATABASE ${name} WITH (FORCE)`);
      for (const role of roles) await administrate(`DROP ROLE IF EXISTS "${role.name}"`);
    },
  };
  return database;
}

function urlOf(database: string, role?: TestRole): string {
  const url = new URL(inject("postgresUrl"));
  url.pathname = `/${database}`;
  if (role !== undefined) {
    url.username = encodeURIComponent(role.name);
    url.password = encodeURIComponent(role.password);
  }
  return url.href;
}
