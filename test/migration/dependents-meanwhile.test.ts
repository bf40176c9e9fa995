import { expect, test } from "vitest";
import { down } from "../../src/migration/down.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { ProgressListener } from "../support/progress.ts";

test.each([
  ["an index", "CREATE INDEX team_one ON users (username, email)", "DROP INDEX team_one"],
  ["a part of the table", "CREATE INDEX team_one ON users (username) WHERE is_admin", "DROP INDEX team_one"],
  [
    "a check",
    "ALTER TABLE users ADD CONSTRAINT team_one CHECK (email LIKE '%@%')",
    "ALTER TABLE users DROP CONSTRAINT team_one",
  ],
  ["statistics", "CREATE STATISTICS team_one ON username, email FROM users", "DROP STATISTICS team_one"],
])(
  "what somebody makes on a grafted column while down waits is not dropped along: %s",
  async (_, make, remove) => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const options = { databaseUrl: database.url };
    // A check takes the strong lock for itself, so the report holds another table that down needs, too.
    const report = await database.client();
    await report.query("BEGIN; LOCK TABLE authgraft.sessions IN ACCESS SHARE MODE");
    const progress = new ProgressListener();
    const waiting = progress.next("waiting for");
    const running = down({ ...options, onProgress: progress.onProgress });
    running.catch(() => undefined);
    await waiting;
    await database.query(make);
    await report.query("COMMIT");

    await expect(running).rejects.toMatchObject({
      code: "migration_failed",
      message: expect.stringMatching(/users-columns .* what was made meanwhile: .*team_one/),
    });
    await database.query(
      "UPDATE users SET email = 'ada@example.com' WHERE id = 1; UPDATE users SET email = NULL",
    );
    expect((await down(options)).refusals.map(({ code }) => code)).toEqual(["depends_on_graft"]);
    await database.query(remove);
    expect(await down(options)).toMatchObject({ state: "pending", refusals: [] });
  },
);
