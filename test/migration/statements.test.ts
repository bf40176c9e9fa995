import { join } from "node:path";
import pg from "pg";
import { describe, expect, test, vi } from "vitest";
import { type Plan, statementsOf } from "../../src/migration/plan.ts";
import { inspect } from "../../src/migration/status.ts";
import { up } from "../../src/migration/up.ts";
import { createTestDatabase, serverMajor } from "../support/postgres.ts";

/** The plan as SQL, as a person reads it. */
function text({ steps }: Plan): string {
  return steps
    .map(({ id, lock, up: forth, down: back }) =>
      [`-- ${id} (lock: ${lock})`, ...statementsOf(forth), `-- undo ${id}`, ...statementsOf(back)]
        .map((line) => (line.startsWith("--") ? line : `${line};`))
        .join("\n"),
    )
    .join("\n\n");
}

// A difference to these files is a change of what runs on people's databases. After reading it:
// npx vitest run test/migration/statements.test.ts --update
describe.each(["a", "b"] as const)("the statements for sample %s", (sample) => {
  test("are these, to the letter", async () => {
    const database = await createTestDatabase({ sample });
    const { plan } = await inspect({ databaseUrl: database.url });
    const since = sample === "a" ? "" : serverMajor() >= 18 ? "-since-18" : "-before-18";
    const file = join(import.meta.dirname, "statements", `${sample}${since}.sql`);
    await expect(`${text(plan)}\n`).toMatchFileSnapshot(file);
  });

  test("that plan prints are those that up runs", async () => {
    const database = await createTestDatabase({ sample });
    const { plan } = await inspect({ databaseUrl: database.url });
    const sent = vi.spyOn(pg.Client.prototype, "query");
    try {
      expect((await up({ databaseUrl: database.url })).state).toBe("applied");
      const messages = sent.mock.calls.map(([message]) => String(message));
      for (const { id, up: sections } of plan.steps) {
        for (const { statements } of sections) {
          const together = messages.filter((message) =>
            statements.every((statement) => message.includes(statement)),
          );
          expect(together, `${id}: ${statements.join(";\n")}`).toHaveLength(1);
        }
      }
    } finally {
      sent.mockRestore();
    }
  });
});
