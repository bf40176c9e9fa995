import { describe, expect, test } from "vitest";
import { up } from "../../src/migration/up.ts";
import { verify } from "../../src/migration/verify.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { ProgressListener } from "../support/progress.ts";
import { observe } from "../support/round-trip.ts";

/** A session that reads and writes as an application does, and that fails where it waits for somebody who holds on. */
async function impatientApplication(database: TestDatabase) {
  const client = await database.client();
  await client.query("SET lock_timeout = '20s'");
  let stopped = false;
  const traffic = (async () => {
    let queries = 0;
    for (; !stopped; queries++) {
      await client.query("SELECT count(*) FROM users; UPDATE users SET username = username WHERE id = 1");
    }
    return queries;
  })();
  traffic.catch(() => undefined);
  return {
    stop: () => {
      stopped = true;
      return traffic;
    },
  };
}

describe("up on a table that a long transaction holds", () => {
  test("waits without holding anybody up, and goes on when the transaction has ended", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const report = await database.client();
    await report.query("BEGIN; SELECT count(*) FROM users");
    const application = await impatientApplication(database);
    const progress = new ProgressListener();
    const stuck = progress.next("waiting for a moment");
    const running = up({ databaseUrl: database.url, onProgress: progress.onProgress });
    await stuck;
    await progress.next("waiting for a moment");
    expect(progress.lines.at(-1)).toMatch(/held by pid \d+ \(app_owner, idle in transaction for [\d.]+ s\)/);
    await report.query("COMMIT");
    const { state, locks } = await running;
    expect(await application.stop()).toBeGreaterThan(0);
    expect(state).toBe("applied");
    expect(locks.attempts).toBeGreaterThan(2);
  });

  test("gives up at its deadline with nothing half done, and nothing left waiting", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const options = { databaseUrl: database.url };
    await up({ ...options, to: "graft-schema" });
    const report = await database.client();
    await report.query("BEGIN; SELECT count(*) FROM users");
    const observer = await observe(database);
    const before = await observer.whole();
    const hasty = { ...options, configuration: { lock: { deadlineSeconds: 0.5 } } };
    await expect(up(hasty)).rejects.toMatchObject({
      code: "lock_timeout",
      message: expect.stringMatching(
        /^The lock on "public"."users" could not be had within 0.5 s: held by pid \d+/,
      ),
    });
    expect(await observer.whole()).toEqual(before);
    const waiting = await observer.client.query(
      "SELECT FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database()",
    );
    expect(waiting.rowCount).toBe(0);
    await report.query("COMMIT");
    expect((await up(options)).state).toBe("applied");
    expect((await verify(options)).ok).toBe(true);
  });

  test("names a prepared transaction, which has no process", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const client = await database.client();
    await client.query(
      "BEGIN; UPDATE users SET username = username WHERE id = 1; PREPARE TRANSACTION 'billing 1'",
    );
    const hasty = { databaseUrl: database.url, configuration: { lock: { deadlineSeconds: 0.5 } } };
    await expect(up(hasty)).rejects.toMatchObject({
      code: "lock_timeout",
      message: expect.stringContaining("the prepared transaction 'billing 1' of app_owner"),
    });
    await client.query("ROLLBACK PREPARED 'billing 1'");
    expect((await up({ databaseUrl: database.url })).state).toBe("applied");
  });

  test("stops when it is told to, and the next run goes on", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const report = await database.client();
    await report.query("BEGIN; SELECT count(*) FROM users");
    const stop = new AbortController();
    const progress = new ProgressListener();
    const stuck = progress.next("waiting for a moment");
    const running = up({ databaseUrl: database.url, onProgress: progress.onProgress, signal: stop.signal });
    running.catch(() => undefined);
    await stuck;
    stop.abort();
    await expect(running).rejects.toMatchObject({ code: "interrupted" });
    await report.query("COMMIT");
    expect((await up({ databaseUrl: database.url })).state).toBe("applied");
  });
});
