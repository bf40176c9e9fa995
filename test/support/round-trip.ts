import type pg from "pg";
import { expect } from "vitest";
import { parseConfiguration } from "../../src/config/parse.ts";
import type { ConfigurationInput } from "../../src/config/schema.ts";
import { assertGrafted } from "../../src/migration/assert-grafted.ts";
import { down } from "../../src/migration/down.ts";
import { up } from "../../src/migration/up.ts";
import { verify } from "../../src/migration/verify.ts";
import { digestRows, readLogicalSchema } from "./catalog.ts";
import type { TestDatabase } from "./postgres.ts";

/** The whole logical schema, graft and all. */
async function wholeSchema(client: pg.Client): Promise<Record<string, unknown[]>> {
  return readLogicalSchema(client, { schemas: [], relations: [] });
}

/** A users table as it was before: the catalog of everything, and a digest of every value of every row. */
export interface Snapshot {
  readonly schema: Record<string, unknown[]>;
  readonly rows: string;
}

/** What looks at a database beside the migration: the columns that the table had at first, and a superuser. */
export interface Observer {
  readonly client: pg.Client;
  /** Everything but the graft, now. */
  outside(): Promise<Snapshot>;
  /** Every old value of every row, now. */
  rows(): Promise<string>;
  /** Everything, now. */
  whole(): Promise<Snapshot>;
}

/** Begins to observe a users table; `table` as SQL. */
export async function observe(
  database: TestDatabase,
  table = "public.users",
  graft = "authgraft",
): Promise<Observer> {
  const client = await database.client(database.superuserUrl);
  // Compiling the catalog queries would take longer than running them.
  await client.query("SET jit = off");
  const { rows: columns } = await client.query<{ name: string; key: boolean }>(
    `SELECT attname AS name, attnum = ANY((SELECT indkey FROM pg_index WHERE indrelid = attrelid AND indisprimary)::int2[]) AS key
     FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`,
    [table],
  );
  const names = columns.map(({ name }) => name);
  const key = columns.find((column) => column.key)?.name ?? "";
  const rows = () => digestRows(client, table, names, key);
  return {
    client,
    rows,
    outside: async () => ({
      schema: await readLogicalSchema(client, { schemas: [graft], relations: ["revoked_tokens"] }),
      rows: await rows(),
    }),
    whole: async () => ({ schema: await wholeSchema(client), rows: await rows() }),
  };
}

/** Up, verified; down, and all is as it was; up again, and the same stands as the first time. */
export async function expectRoundTrip(
  database: TestDatabase,
  configuration: ConfigurationInput,
  observer: Observer,
): Promise<void> {
  const options = { databaseUrl: database.url, configuration };
  const before = await observer.whole();

  expect(await up(options)).toMatchObject({ state: "applied", refusals: [] });
  expect((await verify(options)).findings.filter(({ severity }) => severity === "refusal")).toEqual([]);
  await expectGrafted(database, configuration);
  const grafted = await observer.whole();
  expect(grafted.rows).toBe(before.rows);

  expect(await down(options)).toMatchObject({ state: "pending", refusals: [] });
  expect(await observer.whole()).toEqual(before);

  expect(await up(options)).toMatchObject({ state: "applied", refusals: [] });
  expect(await observer.whole()).toEqual(grafted);
}

async function expectGrafted(database: TestDatabase, configuration: ConfigurationInput): Promise<void> {
  const client = await database.client();
  await client.query("SET search_path = pg_catalog, pg_temp");
  await expect(assertGrafted(client, parseConfiguration(configuration))).resolves.toBeDefined();
  await client.end();
}
