import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { openDump } from "../../src/cli/rehearse/open-dump.ts";
import { dropMadeUpRoles } from "../../src/migration/rehearse/restore/made-up-roles.ts";
import { rowsOf, schemaOf } from "../migration/rehearse/copy-fixture.ts";
import { createKitchenSink } from "../migration/rehearse/copy-kitchen-sink.ts";
import { makeTestDirectory } from "../support/directory.ts";
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
  return [kinds, await rowsOf(database)];
}

test("an object of every kind comes back from a dump, but for what takes a superuser", async ({
  annotate,
}) => {
  const original = await createTestDatabase();
  await createKitchenSink(original);
  const major = await dumpMajor();
  if (major === null || major < serverMajor()) {
    await annotate(`pg_dump ${major ?? "is not here"}: it cannot dump PostgreSQL ${serverMajor()}`);
    return;
  }
  const directory = await makeTestDirectory();
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, "everything.sql");
  await promisify(execFile)("pg_dump", [`--file=${path}`, original.superuserUrl]);
  const source = await openDump(path, { environment: {} });
  const copy = await createTestDatabase();
  const options = { part: "all", onProgress: () => undefined, signal: undefined } as const;
  const report = await source.load(copy.superuserUrl, options);
  expect(report.leftOut.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    "publication everything",
    "role postgres",
    "owner everything",
    "event trigger watch",
  ]);
  expect(await likeOf(copy)).toEqual(await likeOf(original));
  const { rows } = await (await copy.client(source.asOwner?.(copy.superuserUrl))).query<{ role: string }>(
    "SELECT current_user AS role",
  );
  expect(rows).toEqual([{ role: report.rolesMade[0] }]);
  await copy.drop();
  expect(await dropMadeUpRoles(original.superuserUrl, report.rolesMade)).toEqual(report.rolesMade);
});
