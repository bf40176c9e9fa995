import { hashSync } from "@node-rs/bcrypt";
import { expect, onTestFinished, test } from "vitest";
import { SILENT } from "../../src/accounts/logger.ts";
import { watchPopulation } from "../../src/accounts/population-watch.ts";
import { describeUsersTable } from "../../src/accounts/users-table.ts";
import { parseConfiguration } from "../../src/config/parse.ts";
import { inspect } from "../../src/migration/status.ts";
import type { HashClass } from "../../src/passwords/hash-class.ts";
import { createPasswords } from "../../src/passwords/passwords.ts";
import { openAuth } from "../support/auth.ts";
import { quietPool } from "../support/connections.ts";
import { graft } from "../support/graft.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

const BCRYPT = (cost: number) => hashSync("password of nobody", { cost });

/** What the server learns when it looks at this table. */
async function learned(database: TestDatabase): Promise<readonly HashClass[]> {
  const configuration = parseConfiguration({});
  const { situation } = await inspect({ databaseUrl: database.url, configuration });
  const passwords = await createPasswords(configuration.passwords);
  const pool = quietPool(database.url, 1);
  onTestFinished(async () => {
    await passwords.close();
    await pool.end();
  });
  const told: HashClass[] = [];
  const listening = {
    ...passwords,
    learn: async (classes: readonly HashClass[]) => void told.push(...classes),
  };
  const table = describeUsersTable(situation.users, situation.mapping, configuration.schema);
  (await watchPopulation({ pool, table, passwords: listening, logger: SILENT })).stop();
  return told;
}

async function tableOf(rows: number, hash: string): Promise<TestDatabase> {
  const database = await createTestDatabase();
  await database.query(
    "CREATE TABLE users (id serial PRIMARY KEY, username text UNIQUE, password_hash text)",
  );
  await database.query(
    "INSERT INTO users (username, password_hash) SELECT n, $2 FROM generate_series(1, $1) n",
    [rows, hash],
  );
  await graft(database);
  return database;
}

test("the server learns each class of hash that stands in the table, by its heaviest", async () => {
  const database = await tableOf(10, BCRYPT(4));
  const heaviest = BCRYPT(6);
  await database.query("UPDATE users SET password_hash = $1 WHERE id = 7", [heaviest]);
  await database.query("UPDATE users SET password_hash = NULL WHERE id < 3");
  expect(await learned(database)).toEqual([{ name: "bcrypt", stored: heaviest, weight: 6 }]);
});

test("a text of megabytes in the column is fetched no further than it takes to see that it is none", async () => {
  const database = await tableOf(3, BCRYPT(4));
  await database.query("UPDATE users SET password_hash = repeat('$', 10000000) WHERE id = 1");
  expect(await learned(database)).toHaveLength(1);
  const auth = await openAuth(database);
  const answer = await auth.post("/v1/auth/login", { username: "1", password: "password of nobody" });
  expect(answer.status).toBe(401);
  expect(await auth.metrics()).toContain('authgraft_unverifiable_hashes_total{fault="unknown"} 1');
});

test("users whose hash verifies nothing are in the log by their number, at the start, without a hash", async () => {
  const database = await tableOf(3, "5f4dcc3b5aa765d61d8327deb882cf99");
  const auth = await openAuth(database);
  const [line] = auth.logs.filter((log) => log.includes("verifies nothing"));
  expect(line).toContain('"users":3');
  expect(line).not.toContain("5f4dcc3b");
});
