import { expect, test } from "vitest";
import type { PlannedStep } from "../../src/migration/plan.ts";
import { inspect } from "../../src/migration/status.ts";
import { up } from "../../src/migration/up.ts";
import { createTestDatabase, serverMajor, type TestDatabase } from "../support/postgres.ts";

/** Runs what one step sends under strong locks, and tells what PostgreSQL said of it at its most talkative. */
async function talkOf(
  database: TestDatabase,
  steps: readonly PlannedStep[],
  direction: "up" | "down",
): Promise<string[]> {
  const client = await database.client();
  const said: string[] = [];
  client.on("notice", ({ message }) => said.push(message ?? ""));
  await client.query("SET search_path = pg_catalog, pg_temp");
  for (const section of steps.flatMap((step) => step[direction])) {
    const strong = section.lock === "ACCESS EXCLUSIVE" || section.lock === "SHARE ROW EXCLUSIVE";
    await client.query(`SET client_min_messages = ${strong ? "debug1" : "warning"}`);
    const statements = section.transactional
      ? ["BEGIN", ...section.statements, "COMMIT"]
      : section.statements;
    for (const statement of statements) await client.query(statement);
  }
  return said;
}

test.each(["a", "b"] as const)(
  "nothing of sample %s is scanned or rewritten under a strong lock, neither up nor down",
  async (sample) => {
    const database = await createTestDatabase({ sample });
    const options = { databaseUrl: database.url };
    const before = await inspect(options);
    const there = await talkOf(database, before.plan.steps, "up");
    await up(options);
    const after = await inspect(options);
    expect(after.plan.state).toBe("applied");
    const back = await talkOf(database, [...after.plan.steps].reverse(), "down");
    expect([...there, ...back].filter((line) => /verifying|validating|rewriting/.test(line))).toEqual([]);
    // It says so where it need not look, so it would have said where it did.
    if (sample === "b" && serverMajor() < 18)
      expect(back).toContainEqual(expect.stringContaining("are sufficient to prove"));
  },
);
