import { expect, onTestFinished, test } from "vitest";
import { createPool } from "../../src/postgres/connect.ts";
import { withTransaction } from "../../src/postgres/transaction.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { TransactionPooler } from "../support/transaction-pooler.ts";

async function openPool(url: string, size = 1) {
  const pool = createPool(url, { applicationName: "prepared", size });
  onTestFinished(() => pool.end());
  return pool;
}

async function withTable(): Promise<TestDatabase> {
  const database = await createTestDatabase();
  await database.query("CREATE TABLE things (id int PRIMARY KEY, name varchar(10))");
  await database.query("INSERT INTO things VALUES (1, 'one'), (2, 'two')");
  return database;
}

const SELECT = "SELECT name FROM things WHERE id = $1";

test("a statement with parameters is prepared once on each connection", async () => {
  const pool = await openPool((await withTable()).url);
  for (const id of [1, 2, 1]) await pool.query(SELECT, [id]);
  const { rows } = await pool.query("SELECT statement FROM pg_prepared_statements");
  expect(rows).toEqual([{ statement: SELECT }]);
});

test("a statement whose result has another type since then is answered all the same", async () => {
  const database = await withTable();
  const pool = await openPool(database.url);
  await pool.query(SELECT, [1]);
  await database.query("ALTER TABLE things ALTER COLUMN name TYPE text");
  expect((await pool.query(SELECT, [2])).rows).toEqual([{ name: "two" }]);
  expect((await pool.query(SELECT, [1])).rows).toEqual([{ name: "one" }]);
});

test("inside a transaction, which is over by then, it is an error to try again after, and then it works", async () => {
  const database = await withTable();
  const pool = await openPool(database.url);
  await pool.query(SELECT, [1]);
  await database.query("ALTER TABLE things ALTER COLUMN name TYPE text");
  const read = () => withTransaction(pool, (client) => client.query(SELECT, [2]));
  await expect(read()).rejects.toMatchObject({ code: "database_unreachable" });
  expect((await read()).rows).toEqual([{ name: "two" }]);
});

test("an error of the statement itself is the statement's", async () => {
  const pool = await openPool((await withTable()).url);
  const insert = () => pool.query("INSERT INTO things VALUES ($1, 'again')", [1]);
  for (const attempt of [insert, insert]) await expect(attempt()).rejects.toMatchObject({ code: "23505" });
});

test("behind a pooler that keeps no statements for a connection, none are prepared any more", async () => {
  const database = await withTable();
  const pooler = await TransactionPooler.start(database.url);
  onTestFinished(() => pooler.stop());
  const pool = await openPool(pooler.url, 4);
  for (let round = 0; round < 5; round++) {
    const answers = await Promise.all([1, 2, 1, 2].map((id) => pool.query<{ name: string }>(SELECT, [id])));
    expect(answers.map(({ rows }) => rows[0]?.name)).toEqual(["one", "two", "one", "two"]);
  }
});
