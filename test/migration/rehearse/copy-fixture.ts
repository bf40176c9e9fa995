import { onTestFinished } from "vitest";
import { type CopyOptions, copyDatabase } from "../../../src/migration/rehearse/copy/copy-database.ts";
import type { LoadReport, RehearsalSource } from "../../../src/migration/rehearse/rehearsal.ts";
import { dropMadeUpRoles } from "../../../src/migration/rehearse/restore/made-up-roles.ts";
import { MADE_UP } from "../../../src/migration/rehearse/restore/restore-role.ts";
import { administrate } from "../../support/administrator.ts";
import { readLogicalSchema } from "../../support/catalog.ts";
import { OWNER } from "../../support/owner.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";

/** A copy of a test database, made in another one. */
export interface Copied {
  readonly copy: TestDatabase;
  readonly report: LoadReport;
  readonly source: RehearsalSource;
}

/**
 * Marks roles as if a rehearsal had made them, as it does on a server that is not the source's own: a copy is given to
 * no others. One at a time, since several test files say so of the same role.
 */
export async function markAsMadeUp(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await administrate(
      `BEGIN; SELECT pg_advisory_xact_lock(4711); COMMENT ON ROLE "${name}" IS '${MADE_UP}'; COMMIT`,
    );
  }
}

/** Copies a database as its owner, unless told otherwise, into a new one on the same server. */
export async function copyOf(
  database: TestDatabase,
  options: Partial<CopyOptions> & { readonly as?: string; readonly part?: "schema" | "all" } = {},
): Promise<Copied> {
  const { as = database.url, part = "all", rows = "all", table = "users", ...rest } = options;
  await markAsMadeUp(OWNER.name);
  const source = await copyDatabase(as, { rows, table, ...rest });
  const copy = await createTestDatabase();
  const report = await source.load(copy.superuserUrl, {
    part,
    onProgress: () => undefined,
    signal: undefined,
  });
  onTestFinished(async () => {
    await copy.drop();
    const made = report.rolesMade.filter((name) => name !== OWNER.name);
    await dropMadeUpRoles(database.superuserUrl, made);
  });
  return { copy, report, source };
}

/**
 * Everything in the catalog of a database, as a superuser reads it, but whether a partition's key would be
 * inherited by children: it can have none, and the catalog says one thing where the key was made with its
 * table's and another where it was attached to it, as after any dump.
 */
export async function schemaOf(database: TestDatabase): Promise<Record<string, unknown[]>> {
  const client = await database.client(database.superuserUrl);
  await client.query("SET jit = off; SET search_path TO pg_catalog");
  const schema = await readLogicalSchema(client, { schemas: [], relations: [] });
  const constraints = (schema.constraints as Record<string, unknown>[]).map((constraint) =>
    constraint.contype === "p" && constraint.conislocal === false
      ? { ...constraint, connoinherit: null }
      : constraint,
  );
  return { ...schema, constraints };
}

/** A digest of every row of every table, by table. */
export async function rowsOf(database: TestDatabase): Promise<Record<string, string>> {
  const client = await database.client(database.superuserUrl);
  await client.query("SET search_path TO pg_catalog");
  const { rows: tables } = await client.query<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'm') AND (c.relkind = 'r' OR c.relispopulated) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1`,
  );
  const digests: Record<string, string> = {};
  for (const { name } of tables) {
    const { rows } = await client.query<{ digest: string }>(
      `SELECT count(*) || ' ' || md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) AS digest FROM ${name} t`,
    );
    digests[name] = rows[0]?.digest ?? "";
  }
  return digests;
}
