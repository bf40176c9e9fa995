import { expect, test } from "vitest";
import { openAuth } from "../support/auth.ts";
import { graft } from "../support/graft.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { watchPool } from "../support/watched-pool.ts";

interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** The statements that a registration and a login of this email put to the users table. */
async function statementsOf(database: TestDatabase): Promise<Statement[]> {
  const seen: Statement[] = [];
  const pool = watchPool(database.pool(), {
    onQuery: (text, values) => {
      if (/lower\(u\./.test(text)) seen.push({ text, values });
    },
  });
  const auth = await openAuth(database, { pool });
  await auth.post("/v1/auth/register", { email: "nobody@example.com", password: "correct horse" });
  await auth.post("/v1/auth/login", { email: "nobody@example.com", password: "correct horse" });
  return seen;
}

/** The plan once the server no longer looks at the value: what a prepared statement settles on. */
async function genericPlanOf(database: TestDatabase, { text, values }: Statement): Promise<string> {
  const client = await database.client();
  await client.query(`SET plan_cache_mode = force_generic_plan; PREPARE it AS ${text}`);
  const given = values.map((value) => (value === null || value === undefined ? "NULL" : `'${value}'`));
  const { rows } = await client.query<{ "QUERY PLAN": string }>(`EXPLAIN EXECUTE it (${given.join(", ")})`);
  return rows.map((row) => row["QUERY PLAN"]).join("\n");
}

test.each([
  ["a column of the graft's own", null],
  ["varchar", "varchar(255)"],
  ["text with a locale's collation", 'text COLLATE "en_US.utf8"'],
  ["citext", "citext"],
  ["a domain", "address"],
])("a look-up by email goes through the graft's unique index, over %s", async (_, type) => {
  const database = await createTestDatabase();
  await database.query(
    "CREATE EXTENSION citext; CREATE DOMAIN address AS varchar(255) CHECK (VALUE LIKE '%@%')",
  );
  const collation = await database.query("SELECT FROM pg_collation WHERE collname = 'en_US.utf8'");
  const column = collation.rowCount === 0 ? type?.replace(/ COLLATE.*/, "") : type;
  await database.query(`CREATE TABLE users (id bigserial PRIMARY KEY${column ? `, email ${column}` : ""})`);
  await graft(database);
  await database.query(
    "INSERT INTO users (email) SELECT 'user' || n || '@example.com' FROM generate_series(1, 5000) n; ANALYZE users",
  );
  const statements = await statementsOf(database);
  expect(statements).toHaveLength(2);
  for (const statement of statements) {
    const explained = await database.query<{ "QUERY PLAN": string }>(
      `EXPLAIN ${statement.text}`,
      statement.values,
    );
    const plan = explained.rows.map((row) => row["QUERY PLAN"]).join("\n");
    for (const one of [plan, await genericPlanOf(database, statement)]) {
      expect(one).toContain("users_email_authgraft_idx");
      expect(one).not.toContain("Seq Scan on users");
    }
  }
});
