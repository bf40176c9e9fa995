import { describe, expect, test } from "vitest";
import { down } from "../../src/migration/down.ts";
import type { MigrationOptions } from "../../src/migration/run/open-run.ts";
import { status } from "../../src/migration/status.ts";
import { up } from "../../src/migration/up.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { ProgressListener, terminateMigrators } from "../support/progress.ts";
import { observe } from "../support/round-trip.ts";
import { ADDED_TO, addSignInData } from "../support/sign-in-data.ts";

/** Every value that the graft holds for people; of the journal what went before `runs`. */
async function signInData(database: TestDatabase): Promise<Record<string, unknown[]>> {
  const queries = {
    users: "SELECT id, email, password_hash, is_admin FROM users ORDER BY id",
    accounts: "SELECT * FROM authgraft.accounts ORDER BY user_id",
    sessions: "SELECT * FROM authgraft.sessions ORDER BY id",
    revoked: "SELECT user_id, jti, revoked_at, expires_at FROM revoked_tokens ORDER BY jti",
    keys: "SELECT * FROM authgraft.signing_keys ORDER BY kid",
  };
  const data: Record<string, unknown[]> = {};
  for (const [name, sql] of Object.entries(queries)) data[name] = (await database.query(sql)).rows;
  return data;
}

/** The journal, newest first; by another number a run is the same. */
async function runsOf(options: MigrationOptions) {
  return (await status(options)).history.map(({ id, ...run }) => run);
}

async function archiveSchemas(database: TestDatabase): Promise<string[]> {
  const { rows } = await database.query<{ name: string }>(
    "SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE '%archive%'",
  );
  return rows.map(({ name }) => name);
}

describe.each(["a", "b"] as const)("down --archive and up --restore on sample %s", (sample) => {
  test("lose nothing: every value of every table comes back, and the journal", async () => {
    const database = await createTestDatabase({ sample, grafted: {} });
    const options = { databaseUrl: database.url };
    await addSignInData(database, sample);
    const data = await signInData(database);
    const history = await runsOf(options);

    const out = await down({ ...options, archive: true });
    expect(out).toMatchObject({ state: "pending", refusals: [], archive: "authgraft_archive" });
    expect(Object.fromEntries(out.losses.map(({ kind, count }) => [kind, count]))).toEqual(ADDED_TO[sample]);
    expect((await status(options)).archive).toBe("authgraft_archive");

    const back = await up({ ...options, restore: true });
    expect(back).toMatchObject({ state: "applied", restored: { complete: true, users_left: 0 } });
    expect(await signInData(database)).toEqual(data);
    expect(await archiveSchemas(database)).toEqual([]);
    const runs = await runsOf(options);
    expect(runs.map(({ direction, state }) => `${direction} ${state}`)).toEqual([
      "up done",
      "down done",
      "up done",
    ]);
    expect(runs.slice(-1)).toEqual(history);
  });
});

describe("an archive", () => {
  test("leaves everything else as it was before the graft", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const options = { databaseUrl: database.url };
    const observer = await observe(database, "public.users", "authgraft_archive");
    const before = await observer.outside();
    await up(options);
    await addSignInData(database, "a");
    await down({ ...options, archive: true });
    expect(await observer.outside()).toEqual(before);
  });

  test("can be read by nobody but the owner, whatever default privileges say", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const stranger = await database.createRole("stranger");
    const as = await database.client(database.urlFor(stranger));
    await database.query(`
      ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO PUBLIC;
      ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO "${stranger.name}";
      ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO "${stranger.name}"`);
    const options = { databaseUrl: database.url };
    await up(options);
    await addSignInData(database, "a");
    await expect(as.query("SELECT FROM authgraft.sessions")).rejects.toMatchObject({ code: "42501" });
    await down({ ...options, archive: true });
    await expect(as.query("SELECT FROM authgraft_archive.users")).rejects.toMatchObject({ code: "42501" });
    const { rows } = await database.query(
      `SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'authgraft_archive'::regnamespace AND c.relkind = 'r'
         AND has_table_privilege($1, c.oid, 'SELECT')`,
      [stranger.name],
    );
    expect(rows).toEqual([]);
    await database.query(`DROP OWNED BY "${stranger.name}"`).catch(() => undefined);
  });

  test("is not overwritten by a second one, and there is none where none was made", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const options = { databaseUrl: database.url };
    await expect(up({ ...options, restore: true })).rejects.toMatchObject({ code: "refused" });
    expect((await status(options)).state).toBe("pending");
    await up(options);
    await addSignInData(database, "a");
    await down({ ...options, archive: true });
    expect((await up(options)).warnings.map(({ code }) => code)).toContain("archive_waiting");
    await database.query("UPDATE users SET email = 'new@example.com' WHERE id = 1");
    const refused = await down({ ...options, archive: true });
    expect(refused).toMatchObject({ state: "refused", steps: [] });
    expect(refused.refusals.map(({ code }) => code)).toEqual(["archive_exists"]);
  });

  test("of a down that was killed before it dropped anything serves the next down, or the next up", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const options = { databaseUrl: database.url };
    await addSignInData(database, "a");
    const data = await signInData(database);
    for (const next of ["up", "down"] as const) {
      const report = await database.client();
      await report.query("BEGIN; SELECT count(*) FROM users");
      const progress = new ProgressListener();
      const stuck = progress.next("waiting for a moment");
      const running = down({ ...options, archive: true, onProgress: progress.onProgress });
      running.catch(() => undefined);
      await stuck;
      await terminateMigrators(database);
      await expect(running).rejects.toThrow();
      await report.query("COMMIT");
      if (next === "down") expect((await down({ ...options, archive: true })).refusals).toEqual([]);
      expect(await up({ ...options, restore: true })).toMatchObject({ restored: { complete: true } });
      expect(await signInData(database)).toEqual(data);
    }
  });
});
