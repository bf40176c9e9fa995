import { hashSync } from "@node-rs/bcrypt";
import { beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { watchPool } from "../support/watched-pool.ts";
import { attempt, lookedAt, throttled } from "../throttling/support.ts";

// The times themselves are compared by `npm run test:timing`, two hundred and more failures of each kind against each
// other, over a population of ten kinds of hash. Here it is the work that the times come of.

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ sample: "b", grafted: {} });
  const stored: Readonly<Record<string, string | null>> = {
    ...{ none: null, broken: "no hash at all", disabled: hashSync("correct horse", { cost: 4 }) },
    bcrypt: hashSync("correct horse", { cost: 4 }),
    pbkdf2: "pbkdf2_sha256$10$salty$wdYkJTNHfE7xlIZyxEqL8uqTI0Jo5mL0/pyNzpJR2Ag=",
    md5: "md5$salty$5ab8bd2f6b3d21b1e8a9d9f2c8ef0b6d",
  };
  for (const [name, hash] of Object.entries(stored)) {
    await database.query(
      "INSERT INTO users (username, display_name, email, password_hash) VALUES ($1::text, 'p', $1::text || '@example.com', $2)",
      [name, hash],
    );
  }
  await database.query(
    "INSERT INTO authgraft.accounts (user_id, disabled_at) SELECT id, now() FROM users WHERE username = 'disabled'",
  );
});

/** What a failed login puts to the database, and how many passwords are looked at for it. */
async function workOf(names: readonly string[]): Promise<{ statements: string[]; looked: number }[]> {
  const statements: string[] = [];
  const pool = watchPool(database.pool(), { onQuery: (text) => void statements.push(text) });
  const auth = await throttled(database, {}, { pool });
  // What is remembered of the first request, whoever's it is, is the same for all after it.
  await attempt(auth, { username: "somebody_else" });
  const work = [];
  for (const username of names) {
    const before = await lookedAt(auth);
    statements.length = 0;
    expect((await attempt(auth, { username })).status).toBe(401);
    const own = statements.filter((text) => !text.includes("revocations"));
    work.push({ statements: own, looked: (await lookedAt(auth)) - before });
  }
  return work;
}

test("21. an unknown user, a wrong password, none at all and a disabled user come of the same statements and one look at a password", async () => {
  const [first, ...others] = await workOf(["nobody", "bcrypt", "none", "disabled"]);
  expect(first?.looked).toBe(1);
  expect(first?.statements.length).toBeGreaterThan(2);
  for (const other of others) expect(other).toEqual(first);
});

test("22. whatever kind of hash is stored, a failure comes of the same statements and one look", async () => {
  const [first, ...others] = await workOf(["bcrypt", "pbkdf2", "md5", "broken"]);
  expect(first?.looked).toBe(1);
  for (const other of others) expect(other).toEqual(first);
});
