import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { hashSync } from "@node-rs/bcrypt";
import { beforeAll, describe, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { authgraft, makeDirectory } from "./command-line.ts";

const UNSALTED = createHash("md5").update("password of nobody").digest("hex");

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.query(
    "CREATE TABLE users (id serial PRIMARY KEY, username text UNIQUE NOT NULL, password_hash text)",
  );
  const insert = (name: string, hash: string | null, users: number) =>
    database.query(
      `INSERT INTO users (username, password_hash) SELECT $1 || n, $2 FROM generate_series(1, $3) n`,
      [name, hash, users],
    );
  await insert("bcrypt", hashSync("password of nobody", { cost: 4 }), 1_200);
  await insert("md5", UNSALTED, 30);
  await insert("marked", "!", 3);
  await insert("costly", `$2b$20$${"a".repeat(53)}`, 2);
  await insert("odd", "not a hash of anything", 1);
  await insert("none", null, 40);
  await database.query("ANALYZE users");
});

const run = (of: TestDatabase, ...args: string[]) => authgraft([...args, "--database-url", of.url]);

describe("the hashes that stand in a table", () => {
  test("are counted by format by inspect, with those that verify nothing and why", async () => {
    const json = (await run(database, "inspect", "--json")).json();
    expect(json.password_hashes).toMatchObject({ sample: false, users_without: 40 });
    const told = json.password_hashes.formats.map(
      ({ format, users, verifies, fault }: Record<string, unknown>) => [format, users, verifies, fault],
    );
    expect(told).toEqual([
      ["bcrypt", 1_200, true, null],
      ["hex-digest", 30, false, "refused"],
      [expect.any(String), 3, false, "unusable"],
      ["bcrypt", 2, false, "too-costly"],
      [null, 1, false, "unknown"],
    ]);
  });

  test("are shown to a person by inspect, and by plan those that need a decision", async () => {
    const inspected = await run(database, "inspect");
    expect(inspected.stdout).toMatch(/1,200 users {2}bcrypt\n/);
    expect(inspected.stdout).toMatch(/40 users {2}none/);
    const planned = await run(database, "plan");
    expect(planned.stdout).toMatch(/30 users {2}\S.*\n +refused:/);
    expect(planned.stdout).toContain("passwords.legacy.unsalted");
    expect(planned.stdout).not.toMatch(/1,200 users|40 users {2}none/);
    for (const { stdout } of [inspected, planned]) expect(stdout).not.toContain(UNSALTED);
  });

  test("are read with the configuration's word on those that have no salt", async () => {
    const file = join(makeDirectory(), "authgraft.config.json");
    writeFileSync(file, JSON.stringify({ passwords: { legacy: { unsalted: "verify" } } }));
    const json = (await run(database, "inspect", "--json", "--config", file)).json();
    expect(json.password_hashes.formats[1]).toMatchObject({ users: 30, verifies: true });
  });

  test("are not looked for where there is no such column", async () => {
    const other = await createTestDatabase({ sample: "a" });
    const json = (await run(other, "inspect", "--json")).json();
    expect(json.password_hashes).toBeNull();
  });
});
