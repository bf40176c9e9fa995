import { describe, expect, test } from "vitest";
import { down } from "../../src/migration/down.ts";
import { up } from "../../src/migration/up.ts";
import { verify } from "../../src/migration/verify.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { ProgressListener, terminateMigrators } from "../support/progress.ts";

/** PostgreSQL's object_not_in_prerequisite_state, which the fence raises. */
const FENCED = { code: "55000" };

/** A `down` that stands behind its fence: a report that reads the users table keeps it from dropping anything. */
async function downBehindFence(database: TestDatabase) {
  const report = await database.client();
  await report.query("BEGIN; SELECT count(*) FROM users");
  const progress = new ProgressListener();
  const stuck = progress.next("waiting for a moment");
  const running = down({ databaseUrl: database.url, onProgress: progress.onProgress });
  running.catch(() => undefined);
  await stuck;
  return { running, endReport: () => report.query("COMMIT") };
}

describe("while down is at work", () => {
  test("a value written before the fence and committed after it is counted", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const writer = await database.client();
    await writer.query("BEGIN; UPDATE users SET email = 'ada@example.com' WHERE id = 1");
    const progress = new ProgressListener();
    const waiting = progress.next("waiting for a moment");
    const running = down({ databaseUrl: database.url, onProgress: progress.onProgress });
    await waiting;
    await writer.query("COMMIT");

    expect(await running).toMatchObject({ state: "refused", losses: [{ kind: "email", count: 1 }] });
    const { rows } = await database.query("SELECT email FROM users WHERE id = 1");
    expect(rows).toEqual([{ email: "ada@example.com" }]);
    expect((await verify({ databaseUrl: database.url })).ok).toBe(true);
    await database.query("UPDATE users SET email = 'grace@example.com' WHERE id = 1");
  });

  test("a value that comes after the fence is refused, and everything else goes on", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    await database.query(`
      INSERT INTO users (id, username, created_at) VALUES (9001, 'leaves', now()), (9002, 'is renumbered', now());
      INSERT INTO revoked_tokens (user_id, jti, expires_at) VALUES (9001, 'old', now()), (9002, 'older', now());
      INSERT INTO authgraft.accounts (user_id) VALUES (9001), (9002);
      INSERT INTO authgraft.sessions (user_id, expires_at) VALUES (9001, now()), (9002, now())`);
    const { running, endReport } = await downBehindFence(database);

    for (const refused of [
      "UPDATE users SET email = 'ada@example.com' WHERE id = 1",
      "UPDATE users SET password_hash = 'x' WHERE id = 1",
      "UPDATE users SET is_admin = true WHERE id = 1",
      "INSERT INTO users (username, created_at, email) VALUES ('new', now(), 'new@example.com')",
      "INSERT INTO revoked_tokens (jti, expires_at) VALUES ('new', now() + interval '1 day')",
      "INSERT INTO authgraft.sessions (user_id, expires_at) VALUES (1, now() + interval '1 day')",
      "UPDATE authgraft.accounts SET disabled_at = now()",
    ]) {
      await expect(database.query(refused), refused).rejects.toMatchObject(FENCED);
    }
    await database.query("INSERT INTO users (username, created_at) VALUES ('plain', now())");
    await database.query("UPDATE users SET username = username || '!' WHERE id = 1");
    await database.query("UPDATE users SET id = 9003 WHERE id = 9002");
    await database.query("DELETE FROM users WHERE id = 9001");
    await endReport();
    expect(await running).toMatchObject({ state: "pending", refusals: [], losses: [] });
  });

  test("a user of B without a provider is refused behind the fence, one with a provider is not", async () => {
    const database = await createTestDatabase({ sample: "b", grafted: {} });
    const { running, endReport } = await downBehindFence(database);
    const insert = (name: string, subject: string) =>
      database.query(
        `INSERT INTO users (username, display_name, email, auth_provider, auth_provider_id) VALUES ('${name}', 'X', '${name}@example.com', 'email', ${subject})`,
      );
    await expect(insert("without", "NULL")).rejects.toMatchObject(FENCED);
    await insert("with", "'1'");
    await endReport();
    expect(await running).toMatchObject({ state: "pending", refusals: [] });
  });

  test("a down that is killed leaves its fence; verify names it, up takes it away, down goes on from it", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const options = { databaseUrl: database.url };
    for (const next of ["up", "down"] as const) {
      const { running, endReport } = await downBehindFence(database);
      await terminateMigrators(database);
      await expect(running).rejects.toThrow();
      await endReport();
      const { findings } = await verify(options);
      expect(findings.filter(({ code }) => code === "fence_left").length).toBeGreaterThan(0);
      await expect(database.query("UPDATE users SET is_admin = true")).rejects.toMatchObject(FENCED);
      if (next === "up") {
        expect((await up(options)).state).toBe("applied");
        expect((await verify(options)).ok).toBe(true);
        await database.query("UPDATE users SET is_admin = true; UPDATE users SET is_admin = false");
      } else {
        expect(await down(options)).toMatchObject({ state: "pending", refusals: [] });
      }
    }
  });

  test("a down that is interrupted or out of time refuses nothing any more, though a report still holds the table", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const options = { databaseUrl: database.url };
    for (const how of ["interrupted", "lock_timeout"]) {
      await up(options);
      const report = await database.client();
      await report.query("BEGIN; SELECT count(*) FROM users");
      const progress = new ProgressListener();
      const stuck = progress.next("waiting for a moment");
      const stop = new AbortController();
      const configuration = how === "interrupted" ? {} : { lock: { deadlineSeconds: 1.5 } };
      const running = down({
        ...options,
        configuration,
        onProgress: progress.onProgress,
        signal: stop.signal,
      });
      running.catch(() => undefined);
      await stuck;
      if (how === "interrupted") stop.abort();
      await expect(running).rejects.toMatchObject({ code: how });
      await database.query("UPDATE users SET email = 'ada@example.com' WHERE id = 1");
      expect((await verify(options)).findings.map(({ code }) => code)).toContain("fence_disabled");
      await report.query("COMMIT");
      expect(await down(options)).toMatchObject({ state: "refused", losses: [{ kind: "email", count: 1 }] });
      await database.query("UPDATE users SET email = NULL");
      expect(await down(options)).toMatchObject({ state: "pending", refusals: [] });
    }
  });
});
