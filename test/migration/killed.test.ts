import { describe, expect, test } from "vitest";
import { down } from "../../src/migration/down.ts";
import { status } from "../../src/migration/status.ts";
import { up } from "../../src/migration/up.ts";
import { verify } from "../../src/migration/verify.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { terminateMigrators, untilMigratorWaits } from "../support/progress.ts";
import { observe } from "../support/round-trip.ts";

/**
 * The steps of a plain graft, and what holds each up half way: a lock that its transaction needs before it ends,
 * on a table that is not looked at before.
 */
const HELD_UP_BY: readonly (readonly [step: string, lock: string])[] = [
  ["graft-schema", "LOCK TABLE pg_catalog.pg_namespace IN SHARE MODE"],
  ["users-columns", "LOCK TABLE authgraft.provenance IN SHARE MODE"],
  ["users-email-index", "UPDATE users SET username = username WHERE id = 1"],
  ["revoked-tokens", "LOCK TABLE authgraft.provenance IN SHARE MODE"],
  ["accounts", "LOCK TABLE authgraft.provenance IN SHARE MODE"],
  ["sessions", "LOCK TABLE authgraft.provenance IN SHARE MODE"],
  ["signing-keys", "LOCK TABLE authgraft.provenance IN SHARE MODE"],
  ["audit-log", "LOCK TABLE authgraft.provenance IN SHARE MODE"],
  ["one-time-tokens", "LOCK TABLE authgraft.provenance IN SHARE MODE"],
  ["mail-queue", "LOCK TABLE authgraft.provenance IN SHARE MODE"],
  ["rate-limits", "LOCK TABLE authgraft.provenance IN SHARE MODE"],
  ["revocations", "LOCK TABLE authgraft.provenance IN SHARE MODE"],
  ["revocation-feed", "LOCK TABLE authgraft.provenance IN SHARE MODE"],
  ["foreign-keys", "LOCK TABLE pg_catalog.pg_constraint IN SHARE MODE"],
];

/** Starts a run, waits until the lock holds it up, and ends its server process there. */
async function killHeldUp(database: TestDatabase, lock: string, run: typeof up | typeof down): Promise<void> {
  const holder = await database.client(database.superuserUrl);
  await holder.query(`BEGIN; ${lock}`);
  const running = run({ databaseUrl: database.url });
  running.catch(() => undefined);
  await untilMigratorWaits(database);
  await terminateMigrators(database);
  await expect(running).rejects.toThrow();
  await holder.query("ROLLBACK");
  await holder.end();
}

describe("up whose server process is ended", () => {
  test("in the midst of each step leaves that step undone, and the next up goes on to the same end", {
    timeout: 120_000,
  }, async () => {
    const whole = await createTestDatabase({ sample: "a" });
    await up({ databaseUrl: whole.url });
    const wanted = await (await observe(whole)).whole();

    const database = await createTestDatabase({ sample: "a" });
    const options = { databaseUrl: database.url };
    for (const [step, lock] of HELD_UP_BY) {
      await killHeldUp(database, lock, up);
      const { steps } = await status(options);
      expect(steps.find(({ id }) => id === step)?.state, step).toBe("pending");
      const { rowCount } = await database.query("SELECT FROM pg_index WHERE NOT indisvalid");
      expect(rowCount, step).toBe(step === "users-email-index" ? 1 : 0);
      expect((await up({ ...options, to: step })).steps.map(({ id }) => id)).toEqual([step]);
    }
    expect(await up(options)).toMatchObject({ state: "applied", steps: [] });
    expect(await (await observe(database)).whole()).toEqual(wanted);
    expect((await verify(options)).ok).toBe(true);
  });

  test("between a step and its line in the journal changes nothing: the catalog says what stands", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const options = { databaseUrl: database.url };
    await database.query(`
      UPDATE authgraft.migration_runs SET state = 'running', finished_at = NULL;
      UPDATE authgraft.migration_steps SET state = 'running', finished_at = NULL WHERE step = 'foreign-keys'`);
    expect(await up(options)).toMatchObject({ state: "applied", steps: [] });
    expect((await verify(options)).ok).toBe(true);
    await down({ ...options, step: true });
    expect((await status(options)).history.map(({ state }) => state)).toEqual(["done", "interrupted"]);
  });
});

describe("down whose server process is ended", () => {
  test("in the midst of any step is finished by the next down", { timeout: 120_000 }, async () => {
    const database = await createTestDatabase({ sample: "b" });
    const observer = await observe(database);
    const before = await observer.whole();
    await up({ databaseUrl: database.url });
    const locks = [
      "LOCK TABLE pg_catalog.pg_trigger IN SHARE MODE",
      "LOCK TABLE pg_catalog.pg_constraint IN SHARE MODE",
      "LOCK TABLE pg_catalog.pg_attribute IN SHARE MODE",
      "LOCK TABLE authgraft.provenance IN SHARE MODE",
      "LOCK TABLE authgraft.migration_runs IN ACCESS SHARE MODE",
    ];
    for (const lock of locks) await killHeldUp(database, lock, down);
    expect(await down({ databaseUrl: database.url })).toMatchObject({ state: "pending", refusals: [] });
    expect(await observer.whole()).toEqual(before);
  });
});

describe("the index build", () => {
  test("another's invalid index is left as it is; ours is built beside it", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const options = { databaseUrl: database.url };
    await database.query("CREATE UNIQUE INDEX CONCURRENTLY team_idx ON users ((1))").catch(() => undefined);
    expect((await up(options)).state).toBe("applied");
    await down(options);
    const { rows } = await database.query(
      "SELECT indexrelid::regclass::text AS name FROM pg_index WHERE NOT indisvalid",
    );
    expect(rows).toEqual([{ name: "team_idx" }]);
  });

  test("duplicates that arrive while it goes on: a clear error, nothing left behind, and later it goes on", async () => {
    const database = await createTestDatabase({ sample: "b" });
    const options = { databaseUrl: database.url };
    await up({ ...options, to: "users-columns" });
    const writer = await database.client();
    await writer.query(
      "BEGIN; UPDATE users SET bio = 'busy' WHERE username = (SELECT min(username) FROM users)",
    );
    const running = up({ ...options, to: "users-email-index" });
    running.catch(() => undefined);
    await untilMigratorWaits(database);
    await database.query(`
      INSERT INTO users (username, display_name, email, auth_provider, auth_provider_id)
      SELECT 'variant', 'V', upper(email), 'google', 'v' FROM users WHERE email <> upper(email) ORDER BY email LIMIT 1`);
    await writer.query("COMMIT");
    await expect(running).rejects.toMatchObject({
      code: "migration_failed",
      message: expect.stringMatching(/users-email-index .* could not create unique index .* is duplicated/),
    });
    expect((await database.query("SELECT FROM pg_index WHERE NOT indisvalid")).rowCount).toBe(0);
    await database.query("DELETE FROM users WHERE username = 'variant'");
    expect((await up(options)).state).toBe("applied");
  });
});
