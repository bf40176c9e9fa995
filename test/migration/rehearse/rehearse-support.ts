import pg from "pg";
import { inject } from "vitest";
import { parseConfiguration } from "../../../src/config/parse.ts";
import type { ConfigurationInput } from "../../../src/config/schema.ts";
import { loadSample } from "../../../src/embedded/samples/load.ts";
import type { SampleName } from "../../../src/embedded/samples/shape.ts";
import type {
  LeftOut,
  LoadOptions,
  LoadReport,
  RecordedQuery,
  Rehearsal,
  RehearsalSource,
  ScratchServer,
} from "../../../src/migration/rehearse/rehearsal.ts";
import { type RehearseOptions, rehearse } from "../../../src/migration/rehearse/rehearse.ts";
import { up } from "../../../src/migration/up.ts";
import { OWNER } from "../../support/owner.ts";
import { serverMajor } from "../../support/postgres.ts";

/** The server that all tests share, as a rehearsal is handed one; it remembers what was made there. */
export interface TestScratch extends ScratchServer {
  /** Every database that a rehearsal has made. */
  readonly made: readonly string[];
  /** Those of them that still stand. */
  standing(): Promise<string[]>;
}

/** Describes the shared server, to be used by one rehearsal. */
export async function scratchServer(): Promise<TestScratch> {
  const url = inject("postgresUrl");
  const { rows } = await onServer(url, (client) => client.query("SHOW server_version"));
  const made: string[] = [];
  return {
    url,
    major: serverMajor(),
    version: String(rows[0].server_version),
    databaseUrl: (name) => {
      made.push(name);
      return Object.assign(new URL(url), { pathname: `/${name}` }).href;
    },
    made,
    standing: async () => {
      const text = "SELECT datname FROM pg_database WHERE datname = ANY($1::text[])";
      const found = await onServer(url, (client) => client.query<{ datname: string }>(text, [made]));
      return found.rows.map(({ datname }) => datname);
    },
  };
}

/** Runs `work` on a connection of its own. */
export async function onServer<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return work(client).finally(() => client.end());
}

/** A database that a source has filled. */
export interface FilledDatabase {
  query(sql: string): Promise<unknown>;
  up(): Promise<unknown>;
}

/** What a source of a test is made of. */
export interface SourceOptions {
  readonly sample?: SampleName;
  /** Default 100. */
  readonly users?: number;
  /** Whether an ordinary role owns what is loaded, as after a restore; otherwise the superuser does. */
  readonly owned?: boolean;
  /** Runs before the sample is loaded, or instead of it. */
  readonly before?: string;
  /** Runs once the rest stands. */
  readonly after?: string;
  /** Runs last, for what is not SQL alone. */
  readonly onFilled?: (run: FilledDatabase) => Promise<unknown>;
  readonly leftOut?: readonly LeftOut[];
  readonly queries?: readonly RecordedQuery[] | null;
  readonly onLoad?: (options: LoadOptions) => void | Promise<void>;
}

/** A source that runs SQL: a sample, and what a test plants beside it. */
export function sqlSource(options: SourceOptions): RehearsalSource {
  return {
    kind: "dump",
    description: "a database of the tests",
    serverVersion: null,
    load: async (databaseUrl, loadOptions) => {
      await options.onLoad?.(loadOptions);
      const url = options.owned ? await giveToOwner(databaseUrl) : databaseUrl;
      return onServer(url, async (client) => {
        const report = await fill(client, options, loadOptions);
        await options.onFilled?.({ query: (sql) => client.query(sql), up: () => up({ databaseUrl }) });
        return report;
      });
    },
    queries: async () => options.queries ?? null,
  };
}

/** Gives the database, and what a database's owner has from 15 on, to the role that owns all databases of the tests. */
async function giveToOwner(databaseUrl: string): Promise<string> {
  const url = new URL(databaseUrl);
  await onServer(databaseUrl, async (client) => {
    await client.query(`ALTER DATABASE ${url.pathname.slice(1)} OWNER TO ${OWNER.name}`);
    if (serverMajor() < 15) await client.query(`ALTER SCHEMA public OWNER TO ${OWNER.name}`);
    await client.query(`ALTER DATABASE ${url.pathname.slice(1)} SET search_path = shop, public`);
  });
  return Object.assign(url, { username: OWNER.name, password: OWNER.password }).href;
}

async function fill(client: pg.Client, options: SourceOptions, { part }: LoadOptions): Promise<LoadReport> {
  const { sample, users = 100, before, after, leftOut = [] } = options;
  if (before !== undefined) await client.query(before);
  if (sample !== undefined) await loadSample(client, sample, { users: part === "schema" ? 0 : users });
  if (after !== undefined) await client.query(after);
  const { rows } = await client.query<{ tables: number }>(
    "SELECT count(*)::int AS tables FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
  );
  return { tables: rows[0]?.tables ?? 0, rows: users, leftOut, rolesMade: [] };
}

/** Rehearses on the shared server; what is not given is the least there can be. */
export async function rehearseHere(
  source: RehearsalSource,
  options: Partial<Omit<RehearseOptions, "configuration">> & {
    readonly configuration?: ConfigurationInput;
  } = {},
): Promise<Rehearsal> {
  const { configuration, ...others } = options;
  return rehearse({
    source,
    scratch: await scratchServer(),
    queries: null,
    onProgress: () => undefined,
    onGate: () => undefined,
    ...others,
    configuration: parseConfiguration(configuration),
  });
}

/** The gates that did not pass, each with its words. */
export function redGates({ gates }: Rehearsal): string[] {
  return gates.filter(({ passed }) => !passed).map(({ id, detail }) => `${id}: ${detail}`);
}
