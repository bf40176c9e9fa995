import type pg from "pg";
import { describe, expect, test } from "vitest";
import { down } from "../../src/migration/down.ts";
import { up } from "../../src/migration/up.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { ProgressListener } from "../support/progress.ts";

/** Forty people with a password, an account and many sessions, archived. */
async function archived(): Promise<TestDatabase> {
  const database = await createTestDatabase({ sample: "a", users: 40, grafted: {} });
  await database.query(`
    UPDATE users SET password_hash = 'hash ' || id;
    INSERT INTO authgraft.accounts (user_id, disabled_at) SELECT id, now() FROM users;
    INSERT INTO authgraft.sessions (user_id, expires_at) SELECT id, now() + interval '1 day' FROM users, generate_series(1, 50)`);
  await down({ databaseUrl: database.url, archive: true });
  await up({ databaseUrl: database.url });
  return database;
}

/** An application that takes one row after the other, all but the fifth, and fails where it waits for long. */
async function takeOtherRows(application: pg.Client): Promise<void> {
  await application.query("SET lock_timeout = '20s'");
  const { rows } = await application.query<{ id: number }>("SELECT id FROM users WHERE id <> 5 ORDER BY id");
  for (const { id } of rows) await application.query("SELECT FROM users WHERE id = $1 FOR UPDATE", [id]);
}

describe("up --restore while somebody holds one row", () => {
  test.each([
    ["users", "UPDATE users SET username = username WHERE id = 5"],
    ["accounts", "SELECT FROM users WHERE id = 5 FOR UPDATE"],
  ])("waits for it in %s without holding any other, and goes on when it is free", async (_, hold) => {
    const database = await archived();
    const holder = await database.client();
    await holder.query(`BEGIN; ${hold}`);
    const progress = new ProgressListener();
    const stuck = progress.next("waiting for a moment");
    const running = up({ databaseUrl: database.url, restore: true, onProgress: progress.onProgress });
    running.catch(() => undefined);
    await stuck;
    const application = await database.client();
    for (let round = 0; round < 3; round++) {
      await progress.next("waiting for a moment");
      await takeOtherRows(application);
    }
    expect(progress.lines.at(-1)).toMatch(/held by pid \d+ \(app_owner, idle in transaction/);
    await holder.query("COMMIT");
    expect((await running).restored).toEqual({
      users: 40,
      users_left: 0,
      rows: { signing_keys: 0, accounts: 40, sessions: 2_000, revoked_tokens: 0, audit_log: 0 },
      complete: true,
    });
  });

  test("gives up at its deadline, naming who holds it; the next run brings back the rest", async () => {
    const database = await archived();
    const options = { databaseUrl: database.url, restore: true };
    const holder = await database.client();
    await holder.query("BEGIN; UPDATE users SET username = username WHERE id = 5");
    const hasty = { ...options, configuration: { lock: { deadlineSeconds: 1 } } };
    await expect(up(hasty)).rejects.toMatchObject({
      code: "lock_timeout",
      message: expect.stringMatching(/could not be had within 1 s: held by pid \d+ \(app_owner/),
    });
    await holder.query("COMMIT");
    expect((await up(options)).restored).toMatchObject({ complete: true, users_left: 0 });
    const { rows } = await database.query("SELECT count(password_hash)::int AS n FROM users");
    expect(rows).toEqual([{ n: 40 }]);
  });
});

test("what up --restore brings back is told as it comes, batch by batch", async () => {
  const database = await archived();
  const progress = new ProgressListener();
  await up({ databaseUrl: database.url, restore: true, onProgress: progress.onProgress });
  const told = progress.lines.filter((line) => line.startsWith("sessions: "));
  expect(told.length).toBeGreaterThan(2);
  expect(told.at(-1)).toBe("sessions: 2,000 are back");
});
