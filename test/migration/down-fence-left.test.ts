import { describe, expect, test } from "vitest";
import { type DownOptions, down } from "../../src/migration/down.ts";
import { up } from "../../src/migration/up.ts";
import { verify } from "../../src/migration/verify.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { ProgressListener, terminateMigrators } from "../support/progress.ts";

/** PostgreSQL's object_not_in_prerequisite_state, which the fence raises. */
const FENCED = { code: "55000" };

const SIGN_IN = "UPDATE users SET password_hash = 'newer' WHERE id = 2";

/** A grafted database with one email in it, where a `down` was killed behind its fence. */
async function fenceLeft(choice: Partial<DownOptions> = { discardData: true }): Promise<TestDatabase> {
  const database = await createTestDatabase({ sample: "a", grafted: {} });
  await database.query("UPDATE users SET email = 'ada@example.com' WHERE id = 1");
  await killBehindFence(database, choice);
  await expect(database.query(SIGN_IN)).rejects.toMatchObject(FENCED);
  return database;
}

async function killBehindFence(database: TestDatabase, choice: Partial<DownOptions>): Promise<void> {
  const report = await database.client();
  await report.query("BEGIN; SELECT count(*) FROM users");
  const progress = new ProgressListener();
  const stuck = progress.next("waiting for a moment");
  const running = down({ databaseUrl: database.url, ...choice, onProgress: progress.onProgress });
  running.catch(() => undefined);
  await stuck;
  await terminateMigrators(database);
  await expect(running).rejects.toThrow();
  await report.query("COMMIT");
  await report.end();
}

async function expectOpen(database: TestDatabase): Promise<void> {
  await database.query(SIGN_IN);
  const { findings } = await verify({ databaseUrl: database.url });
  expect(findings.map(({ code }) => code).filter((code) => code.startsWith("fence"))).toEqual([]);
}

describe("the fence of a killed down", () => {
  test("is opened by a down that refuses because something would be lost", async () => {
    const database = await fenceLeft();
    const refused = await down({ databaseUrl: database.url });
    expect(refused).toMatchObject({ state: "refused", losses: [{ kind: "email", count: 1 }] });
    expect(refused.refusals[0]?.message).not.toMatch(/nothing was changed/i);
    expect(refused.notes.join()).toMatch(/an interrupted down had left is open/);
    await expectOpen(database);
  });

  test("is opened by a down that refuses before it counts", async () => {
    const database = await fenceLeft();
    await database.query("CREATE VIEW addresses AS SELECT email FROM users");
    const refused = await down({ databaseUrl: database.url, discardData: true });
    expect(refused.refusals.map(({ code }) => code)).toContain("depends_on_graft");
    await expectOpen(database);
  });

  test("is opened by a down that refuses while somebody writes, and refuses nothing though it stands", async () => {
    const database = await fenceLeft();
    const writer = await database.client();
    await writer.query("BEGIN; UPDATE users SET username = username WHERE id = 5");
    const refused = await down({ databaseUrl: database.url });
    expect(refused.notes.join(" ")).toMatch(/triggers could not be dropped now. They refuse nothing/);
    await database.query(SIGN_IN);
    await writer.query("COMMIT");
    expect((await up({ databaseUrl: database.url })).state).toBe("applied");
    await expectOpen(database);
  });

  test("is opened by an up that refuses", async () => {
    const database = await fenceLeft();
    const configuration = { serverRole: "nobody_of_that_name" };
    const refused = await up({ databaseUrl: database.url, configuration });
    expect(refused.refusals.map(({ code }) => code)).toEqual(["server_role_missing"]);
    expect(refused.notes.join()).toMatch(/is open: sign-in is refused no more/);
    await expectOpen(database);
  });

  test("is opened by an up that was not rehearsed, and by one with nothing to restore", async () => {
    const database = await fenceLeft();
    const role = await database.createRole("server");
    const options = { databaseUrl: database.url, configuration: { serverRole: role.name } };
    const requireRehearsal = { rehearsal: {}, maxAgeSeconds: 60 };
    await expect(up({ ...options, requireRehearsal })).rejects.toMatchObject({
      code: "refused",
      message: expect.not.stringContaining("Nothing was changed"),
    });
    await expectOpen(database);
    await killBehindFence(database, { discardData: true });
    await expect(up({ databaseUrl: database.url, restore: true })).rejects.toMatchObject({ code: "refused" });
    await expectOpen(database);
  });

  test("goes together with the archive begun behind it, which holds copies: a later down --archive begins anew", async () => {
    for (const next of [down, up]) {
      const database = await fenceLeft({ archive: true });
      const options = { databaseUrl: database.url };
      const { notes, state } = await next(options);
      if (next === down)
        expect([state, notes.join()]).toEqual(["refused", expect.stringMatching(/was dropped/)]);
      await expectOpen(database);
      expect(await down({ ...options, archive: true })).toMatchObject({ state: "pending", refusals: [] });
      expect((await up({ ...options, restore: true })).restored).toMatchObject({ users: 2, complete: true });
      const { rows } = await database.query(
        "SELECT id, email, password_hash FROM users WHERE id <= 2 ORDER BY id",
      );
      expect(rows).toEqual([
        { id: 1, email: "ada@example.com", password_hash: null },
        { id: 2, email: null, password_hash: "newer" },
      ]);
    }
  });

  test("once open, proves no archive current: another fence that stands now is not the one it was made behind", async () => {
    const database = await fenceLeft({ archive: true });
    const options = { databaseUrl: database.url };
    const configuration = { serverRole: "nobody_of_that_name" };
    expect((await up({ ...options, restore: true, configuration })).state).toBe("refused");
    await expectOpen(database);
    await killBehindFence(database, { discardData: true });
    const refused = await down({ ...options, archive: true });
    expect(refused.refusals.map(({ code }) => code)).toEqual(["archive_exists"]);
    await expectOpen(database);
  });
});

describe("a down that ends behind its fence", () => {
  /** A `down` that waits for a report, then for a writer too, and is told to stop. */
  async function stoppedAmongWriters(database: TestDatabase, before: () => Promise<unknown>) {
    const [report, writer] = [await database.client(), await database.client()];
    await report.query("BEGIN; SELECT count(*) FROM users");
    const progress = new ProgressListener();
    const stuck = progress.next("waiting for a moment");
    const running = down({
      databaseUrl: database.url,
      configuration: { lock: { deadlineSeconds: 4 } },
      onProgress: progress.onProgress,
    });
    running.catch(() => undefined);
    await stuck;
    await writer.query("BEGIN; UPDATE users SET username = username WHERE id = 5");
    await before();
    return { running, end: () => Promise.all([report.query("COMMIT"), writer.query("COMMIT")]) };
  }

  test("lets sign-in go on although a writer holds the table", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const { running, end } = await stoppedAmongWriters(database, async () => undefined);
    await expect(running).rejects.toMatchObject({ code: "lock_timeout" });
    await database.query(SIGN_IN);
    const { findings } = await verify({ databaseUrl: database.url });
    expect(findings.map(({ code }) => code)).toContain("fence_disabled");
    expect(findings.map(({ code }) => code)).not.toContain("fence_left");
    await end();
    expect((await up({ databaseUrl: database.url })).state).toBe("applied");
    await expectOpen(database);
  });

  test("says so where it cannot even be opened, and what to run", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const other = await database.createRole("other");
    const administrator = await database.client(database.superuserUrl);
    const { running, end } = await stoppedAmongWriters(database, () =>
      administrator.query(`ALTER FUNCTION authgraft.refuse_new_value() OWNER TO "${other.name}"`),
    );
    await expect(running).rejects.toMatchObject({
      code: "lock_timeout",
      message: expect.stringContaining("it still refuses new values for sign-in"),
      fix: expect.stringContaining("authgraft up takes the fence away"),
    });
    await expect(database.query(SIGN_IN)).rejects.toMatchObject(FENCED);
    await end();
    await administrator.query("ALTER FUNCTION authgraft.refuse_new_value() OWNER TO app_owner");
    expect((await up({ databaseUrl: database.url })).state).toBe("applied");
    await expectOpen(database);
  });
});
