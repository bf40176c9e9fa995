import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { down } from "../../src/migration/down.ts";
import { up } from "../../src/migration/up.ts";
import { configurationOf, createGeneratedTable, namesOf } from "../support/generated-table.ts";
import { createTestDatabase, serverMajor, type TestDatabase } from "../support/postgres.ts";

/** The major of the machine's own pg_dump; null when it has none. It dumps servers up to its own version. */
async function dumpMajor(): Promise<number | null> {
  const found = await promisify(execFile)("pg_dump", ["--version"]).catch(() => null);
  return found === null ? null : Number(/\d+/.exec(found.stdout)?.[0]);
}

async function dumpSchema(database: TestDatabase): Promise<string> {
  const { stdout } = await promisify(execFile)("pg_dump", ["--schema-only", database.superuserUrl], {
    maxBuffer: 64 * 2 ** 20,
  });
  // Newer releases put a random word into each dump.
  return stdout.replaceAll(/^\\(un)?restrict .*$/gm, "");
}

test.for(["a", "b", "generated"] as const)(
  "pg_dump writes the same before up and after down: %s",
  async (kind, { annotate }) => {
    const major = await dumpMajor();
    const database = await createTestDatabase(kind === "generated" ? {} : { sample: kind });
    const shape = { key: "bigint", schema: "other", names: "quoted", email: "none" } as const;
    if (kind === "generated") await createGeneratedTable(database, shape);
    const configuration = kind === "generated" ? configurationOf(namesOf(shape)) : {};
    const options = { databaseUrl: database.url, configuration };
    if (major === null || major < serverMajor()) {
      await annotate(`pg_dump ${major ?? "is not here"}: it cannot dump PostgreSQL ${serverMajor()}`);
      expect((await up(options)).state).toBe("applied");
      return;
    }
    const before = await dumpSchema(database);
    await up(options);
    expect(await dumpSchema(database)).toContain("revoked_tokens");
    await down(options);
    expect(await dumpSchema(database)).toBe(before);
  },
);
