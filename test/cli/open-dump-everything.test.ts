import { execFile } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { openDump } from "../../src/cli/rehearse/open-dump.ts";
import { dropMadeUpRoles } from "../../src/migration/rehearse/restore/made-up-roles.ts";
import { rowsOf, schemaOf } from "../migration/rehearse/copy-fixture.ts";
import { createKitchenSink } from "../migration/rehearse/copy-kitchen-sink.ts";
import { makeTestDirectory } from "../support/directory.ts";
import { OWNER } from "../support/owner.ts";
import { createTestDatabase, serverMajor, type TestDatabase } from "../support/postgres.ts";

/** The major of the machine's own pg_dump; null when it has none. It dumps servers up to its own version. */
async function dumpMajor(): Promise<number | null> {
  const found = await promisify(execFile)("pg_dump", ["--version"]).catch(() => null);
  return found === null ? null : Number(/\d+/.exec(found.stdout)?.[0]);
}

/** Kinds that come back unlike: the database's own schema, and what takes a superuser or depends on numbers of roles. */
const UNLIKE = new Set(["schemas", "policies", "publications", "columns"]);

async function likeOf(database: TestDatabase): Promise<unknown> {
  const kinds = Object.entries(await schemaOf(database)).filter(([kind]) => !UNLIKE.has(kind));
  return JSON.parse(JSON.stringify([kinds, await rowsOf(database)]).replaceAll("_elsewhere", ""));
}

/** The dump as of a server with roles of its own: one that stands here already owns nothing of a copy. */
function elsewhere(dump: string): string {
  return dump.replaceAll(
    new RegExp(`\\b(${OWNER.name}|shop_(?:owner|reader)_\\w{8})\\b`, "g"),
    "$1_elsewhere",
  );
}

test("an object of every kind comes back from a dump, but for what takes a superuser", async ({
  annotate,
}) => {
  const original = await createTestDatabase();
  await createKitchenSink(original);
  const superuser = await original.client(original.superuserUrl);
  await superuser.query(`CREATE FUNCTION public.watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
    CREATE EVENT TRIGGER watch ON ddl_command_end WHEN TAG IN ('CREATE VIEW') EXECUTE FUNCTION public.watch()`);
  const major = await dumpMajor();
  if (major === null || major < serverMajor()) {
    await annotate(`pg_dump ${major ?? "is not here"}: it cannot dump PostgreSQL ${serverMajor()}`);
    return;
  }
  const directory = await makeTestDirectory();
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, "everything.sql");
  await promisify(execFile)("pg_dump", [`--file=${path}`, original.superuserUrl]);
  await writeFile(path, elsewhere(await readFile(path, "utf8")));
  const source = await openDump(path, { environment: {} });
  const copy = await createTestDatabase();
  const options = { part: "all", onProgress: () => undefined, signal: undefined } as const;
  const report = await source.load(copy.superuserUrl, options);
  expect(report.leftOut.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual([
    "comment everything",
    "event trigger watch",
    "owner everything",
    "publication everything",
    "role postgres",
  ]);
  expect(await likeOf(copy)).toEqual(await likeOf(original));
  const { rows } = await (await copy.client(source.asOwner?.(copy.superuserUrl))).query<{ role: string }>(
    "SELECT current_user AS role",
  );
  expect(rows).toEqual([{ role: report.rolesMade[0] }]);
  await copy.drop();
  expect(await dropMadeUpRoles(original.superuserUrl, report.rolesMade)).toEqual(report.rolesMade);
});
