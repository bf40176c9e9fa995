import { expect, onTestFinished, test } from "vitest";
import { ScratchDatabases } from "../../../src/migration/rehearse/gates/scratch-databases.ts";
import {
  beginRun,
  databaseNameOf,
  markOf,
  newRun,
} from "../../../src/migration/rehearse/gates/scratch-runs.ts";
import type { RehearsalSource } from "../../../src/migration/rehearse/rehearsal.ts";
import { restoreDump } from "../../../src/migration/rehearse/restore/restore-dump.ts";
import { newRestoreLogin } from "../../../src/migration/rehearse/restore/restore-role.ts";
import { administrate } from "../../support/administrator.ts";
import { rehearseHere, scratchServer } from "./rehearse-support.ts";

/** A source of plain SQL, restored as the superuser's lesser role. */
function dumpSource(sql: string): RehearsalSource {
  const login = newRestoreLogin();
  async function* bytes() {
    yield Buffer.from(sql);
  }
  return {
    ...{ kind: "dump", description: "a dump of the tests", serverVersion: null },
    load: async (databaseUrl, options) => {
      const { report } = await restoreDump(bytes(), { ...options, databaseUrl, login, database: null });
      return report;
    },
    queries: async () => null,
  };
}

async function standingRoles(names: readonly string[]): Promise<string[]> {
  const { rows } = await administrate<{ name: string }>(
    "SELECT rolname::text AS name FROM pg_roles WHERE rolname = ANY($1::text[]) ORDER BY 1",
    [names],
  );
  return rows.map(({ name }) => name);
}

/** A run with a database that a login of its own owns, and a role that no database needs. */
async function aRun() {
  const run = newRun();
  const living = await beginRun((await scratchServer()).url, run);
  const [database, login, role] = [databaseNameOf(run), `login_${run}`, `role_${run}`];
  for (const name of [login, role])
    await administrate(`CREATE ROLE ${name}; COMMENT ON ROLE ${name} IS '${markOf(run)}'`);
  await administrate(`CREATE DATABASE ${database} OWNER ${login}`);
  return { living, database, roles: [login, role] };
}

test("what a killed run has left goes when the next one begins; what a living one works with stays", async () => {
  const [killed, living] = [await aRun(), await aRun()];
  await killed.living.end();
  const databases = new ScratchDatabases(await scratchServer(), undefined);
  await databases.create();
  const standing = await administrate<{ name: string }>(
    "SELECT datname::text AS name FROM pg_database WHERE datname = ANY($1::text[])",
    [[killed.database, living.database]],
  );
  expect(standing.rows).toEqual([{ name: living.database }]);
  expect(await standingRoles([...killed.roles, ...living.roles])).toEqual(living.roles.toSorted());
  expect(await databases.dropAll()).toEqual([]);

  await living.living.end();
  const next = new ScratchDatabases(await scratchServer(), undefined);
  await next.create();
  expect(await next.dropAll()).toEqual([]);
  expect(await standingRoles(living.roles)).toEqual([]);
});

test("a dump that breaks off leaves no role, and takes none from a run beside it", async () => {
  const beside = await aRun();
  onTestFinished(() => beside.living.end());
  const name = `named_${newRun()}`;
  const source =
    dumpSource(`CREATE TABLE public.users (id integer); ALTER TABLE public.users OWNER TO ${name};
COPY public.users (id) FROM stdin;\n1\n`);
  const rehearsal = await rehearseHere(source);
  expect(rehearsal).toMatchObject({ decision: "no-go", load: null, notes: [] });
  expect(await standingRoles([name, ...beside.roles])).toEqual(beside.roles.toSorted());
});

test("what could not be taken away is noted in the report", async () => {
  const scratch = await scratchServer();
  const source = dumpSource("CREATE TABLE public.users (id integer PRIMARY KEY);");
  const { load } = source;
  let kept = "";
  const keeping: RehearsalSource = {
    ...source,
    load: async (databaseUrl, options) => {
      kept = new URL(databaseUrl).pathname.slice(1);
      await administrate(`ALTER DATABASE ${kept} IS_TEMPLATE true`);
      await load(databaseUrl, options);
      throw new Error("enough");
    },
  };
  const { notes } = await rehearseHere(keeping, { scratch });
  expect(notes).toEqual([`The database ${kept} could not be taken away from the scratch server.`]);
  await administrate(`ALTER DATABASE ${kept} IS_TEMPLATE false`);
  const next = new ScratchDatabases(scratch, undefined);
  await next.create();
  expect(await next.dropAll()).toEqual([]);
  expect(await scratch.standing()).toEqual([]);
});
