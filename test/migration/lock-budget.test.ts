import { describe, expect, test } from "vitest";
import { down } from "../../src/migration/down.ts";
import { up } from "../../src/migration/up.ts";
import { verify } from "../../src/migration/verify.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { ProgressListener } from "../support/progress.ts";
import { observe } from "../support/round-trip.ts";

/** Looks, as often as it can, at what runs of authgraft hold or ask for on the users table, beyond reading it. */
async function lookAtLocks(database: TestDatabase) {
  const client = await database.client(database.superuserUrl);
  const seen = new Set<string>();
  let stopped = false;
  const looking = (async () => {
    while (!stopped) {
      const { rows } = await client.query<{ mode: string; granted: boolean }>(
        `SELECT l.mode, l.granted FROM pg_locks l JOIN pg_stat_activity a USING (pid)
         WHERE a.application_name LIKE 'authgraft%' AND a.datname = current_database() AND l.relation = 'public.users'::regclass
           AND l.mode <> 'AccessShareLock'`,
      );
      for (const { mode, granted } of rows) seen.add(`${mode} ${granted ? "held" : "asked for"}`);
    }
  })();
  return {
    stop: async () => {
      stopped = true;
      await looking;
      await client.end();
      return [...seen].sort();
    },
  };
}

/** Somebody who waits behind whatever holds the users table strongly, and tells for how long it did. */
async function read(database: TestDatabase): Promise<void> {
  await database.query("SELECT count(*) FROM users");
}

/** As a superuser: event triggers are nobody else's. */
async function administrate(sql: string, database: TestDatabase): Promise<void> {
  const client = await database.client(database.superuserUrl);
  await client.query(sql);
  await client.end();
}

/** Makes every ALTER TABLE take as long as this, under its lock, the first so many times. */
async function slowDown(database: TestDatabase, seconds: number, times: number): Promise<void> {
  await administrate(
    `CREATE SEQUENCE public.slowness;
     GRANT ALL ON SEQUENCE public.slowness TO PUBLIC;
     CREATE OR REPLACE FUNCTION public.slow_down() RETURNS event_trigger LANGUAGE plpgsql AS $$
     BEGIN
       IF nextval('public.slowness') <= ${times} THEN PERFORM pg_sleep(${seconds}); END IF;
     END $$;
     CREATE EVENT TRIGGER slow_down ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION public.slow_down()`,
    database,
  );
}

describe("before a strong lock is asked for", () => {
  test("who holds the table for long is waited for without asking: nothing stands in the queue meanwhile", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const options = { databaseUrl: database.url };
    await up({ ...options, to: "graft-schema" });
    const report = await database.client();
    await report.query("BEGIN; SELECT count(*), pg_sleep(1.1) FROM users");
    const locks = await lookAtLocks(database);
    const progress = new ProgressListener();
    const stuck = progress.next("waiting for a moment");
    const running = up({ ...options, onProgress: progress.onProgress });
    await stuck;
    for (let round = 0; round < 3; round++) await progress.next("waiting for a moment");
    expect(await locks.stop()).toEqual([]);
    expect(progress.lines.at(-1)).toMatch(
      /held by pid \d+ \(app_owner, idle in transaction for [\d.]+ s\): BEGIN; SELECT count\(\*\), pg_sleep\(…\) FROM users/,
    );
    await report.query("COMMIT");
    expect((await running).state).toBe("applied");
  });

  test("a role that may not see others' transactions waits for them all the same", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const report = await database.client(database.superuserUrl);
    await report.query("BEGIN; SELECT 'ada@example.com' FROM users");
    const progress = new ProgressListener();
    const stuck = progress.next("waiting for a moment");
    const running = up({ databaseUrl: database.url, onProgress: progress.onProgress });
    await stuck;
    for (let round = 0; round < 12; round++) await progress.next("waiting for a moment");
    const locks = await lookAtLocks(database);
    for (let round = 0; round < 3; round++) await progress.next("waiting for a moment");
    expect(await locks.stop()).toEqual([]);
    expect(progress.lines.at(-1)).toMatch(/held by pid \d+ \(\w+\)$/);
    await report.query("COMMIT");
    expect((await running).state).toBe("applied");
  });

  test("readers do not hold off a lock that lets them read on", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const options = { databaseUrl: database.url, configuration: { lock: { deadlineSeconds: 20 } } };
    await up({ ...options, to: "revocation-feed" });
    const report = await database.client();
    await report.query("BEGIN; SELECT count(*), pg_sleep(1.1) FROM users");
    expect((await up(options)).steps.map(({ id }) => id)).toEqual(["foreign-keys"]);
    await report.query("COMMIT");
  });
});

describe("while a strong lock is held", () => {
  test("somebody who waits behind it past the budget is let through, and it is asked for again", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const options = { databaseUrl: database.url };
    await up({ ...options, to: "graft-schema" });
    // Shorter than what ends it where nobody waits, which is not what is looked at here.
    await slowDown(database, 0.9, 3);
    let reading = true;
    const application = (async () => {
      while (reading) await read(database);
    })();
    const { state, locks } = await up(options);
    reading = false;
    await application;
    expect(state).toBe("applied");
    expect(locks.cancelled).toBeGreaterThan(0);
    expect(locks.longest_blocked_ms).toBeGreaterThan(30);
    expect((await verify(options)).ok).toBe(true);
  });

  test("where nobody waits it may take longer, but not for ever", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const options = { databaseUrl: database.url, configuration: { lock: { deadlineSeconds: 2 } } };
    await up({ ...options, to: "graft-schema" });
    await slowDown(database, 10, 1_000);
    await expect(up(options)).rejects.toMatchObject({ code: "lock_timeout" });
    await administrate("DROP EVENT TRIGGER slow_down; DROP SEQUENCE slowness", database);
    await slowDown(database, 0.3, 1);
    const patient = { ...options, configuration: { lock: { budgetMilliseconds: 1_000 } } };
    const { locks } = await up({ ...patient, to: "users-columns" });
    expect(locks).toMatchObject({ cancelled: 0, attempts: 1 });
    expect((await up(options)).state).toBe("applied");
  });

  test("a watching connection that is ended does not end the run", async () => {
    const database = await createTestDatabase({ sample: "b" });
    const options = { databaseUrl: database.url };
    const superuser = await database.client(database.superuserUrl);
    let ended = 0;
    let over = false;
    const ending = (async () => {
      while (!over) {
        const { rowCount } = await superuser.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity, pg_sleep(0.2) WHERE application_name = 'authgraft (watching)' AND datname = current_database()",
        );
        ended += rowCount ?? 0;
      }
    })();
    expect((await up(options)).state).toBe("applied");
    expect((await down(options)).state).toBe("pending");
    over = true;
    await ending;
    expect(ended).toBeGreaterThan(0);
  });
});

describe("the index build", () => {
  test("says whom it waits for, and gives up when that lasts past the deadline", async () => {
    const database = await createTestDatabase({ sample: "b" });
    const options = { databaseUrl: database.url };
    await up({ ...options, to: "users-columns" });
    const observer = await observe(database);
    const before = await observer.rows();
    const writer = await database.client();
    await writer.query("BEGIN; UPDATE users SET bio = 'busy' WHERE username = 'nobody'");
    const progress = new ProgressListener();
    const hasty = { ...options, configuration: { lock: { deadlineSeconds: 1.5 } } };
    await expect(up({ ...hasty, onProgress: progress.onProgress })).rejects.toMatchObject({
      code: "lock_timeout",
      message: expect.stringMatching(/within 1.5 s: held by pid \d+ \(app_owner, idle in transaction/),
    });
    expect(progress.lines).toContainEqual(
      expect.stringMatching(
        /^waiting for transactions that hold the table: pid \d+ \(app_owner, idle in transaction for [\d.]+ s\): BEGIN; UPDATE users SET bio = '…'/,
      ),
    );
    await writer.query("COMMIT");
    expect((await up(hasty)).state).toBe("applied");
    expect(await observer.rows()).toBe(before);
    expect((await database.query("SELECT FROM pg_index WHERE NOT indisvalid")).rowCount).toBe(0);
    expect((await verify(options)).ok).toBe(true);
  });

  test("names a prepared transaction that it waits for, and a watch that was ended goes on watching", async () => {
    const database = await createTestDatabase({ sample: "b" });
    const options = { databaseUrl: database.url };
    await up({ ...options, to: "users-columns" });
    const writer = await database.client();
    await writer.query(
      "BEGIN; UPDATE users SET bio = 'x' WHERE username = (SELECT min(username) FROM users); PREPARE TRANSACTION 'billing 2'",
    );
    const progress = new ProgressListener();
    const waits = progress.next("the prepared transaction 'billing 2'");
    const hasty = { ...options, configuration: { lock: { deadlineSeconds: 3 } } };
    const running = up({ ...hasty, onProgress: progress.onProgress });
    running.catch(() => undefined);
    await waits;
    await administrate(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'authgraft (watching)' AND datname = current_database()",
      database,
    );
    await expect(running).rejects.toMatchObject({
      code: "lock_timeout",
      message: expect.stringContaining("the prepared transaction 'billing 2' of app_owner"),
    });
    await writer.query("ROLLBACK PREPARED 'billing 2'");
    expect((await up(options)).state).toBe("applied");
  });

  test("stops at once when it is told to, and the next run goes on", async () => {
    const database = await createTestDatabase({ sample: "b" });
    const options = { databaseUrl: database.url };
    await up({ ...options, to: "users-columns" });
    const writer = await database.client();
    await writer.query("BEGIN; UPDATE users SET bio = 'busy' WHERE username = 'nobody'");
    const stop = new AbortController();
    const progress = new ProgressListener();
    const waits = progress.next("waiting for transactions that hold the table");
    const running = up({ ...options, onProgress: progress.onProgress, signal: stop.signal });
    running.catch(() => undefined);
    await waits;
    stop.abort();
    await expect(running).rejects.toMatchObject({ code: "interrupted" });
    await expect(up({ ...options, signal: stop.signal })).rejects.toMatchObject({ code: "interrupted" });
    await writer.query("COMMIT");
    expect((await up(options)).state).toBe("applied");
    expect((await database.query("SELECT FROM pg_index WHERE NOT indisvalid")).rowCount).toBe(0);
  });

  test("never drops an index that somebody else made under its name", async () => {
    const database = await createTestDatabase({ sample: "b", grafted: {} });
    const options = { databaseUrl: database.url };
    await database.query(
      "DROP INDEX users_email_authgraft_idx; CREATE INDEX users_email_authgraft_idx ON users (bio)",
    );
    for (const run of [up, down]) {
      const { state, refusals } = await run(options);
      expect(state).toBe("refused");
      expect(refusals.map(({ code }) => code)).toContain("graft_index_changed");
    }
    expect(
      (await database.query("SELECT FROM pg_class WHERE relname = 'users_email_authgraft_idx'")).rowCount,
    ).toBe(1);
    await database.query("ALTER INDEX users_email_authgraft_idx RENAME TO team_bio_idx");
    expect((await up(options)).state).toBe("applied");
    expect((await verify(options)).ok).toBe(true);
  });

  test("of a large table says how much of it is done, and its time is not counted as waiting", async () => {
    const database = await createTestDatabase();
    await database.query(`
      CREATE TABLE users AS SELECT n::bigint AS id, repeat(md5(n::text), 6) || '@example.com' AS email FROM generate_series(1, 150000) n;
      ALTER TABLE users ADD PRIMARY KEY (id), ALTER id ADD GENERATED ALWAYS AS IDENTITY (START 150001), ALTER email TYPE varchar(255)`);
    const progress = new ProgressListener();
    const configuration = { lock: { deadlineSeconds: 0.5 } };
    const { state, refusals } = await up({
      databaseUrl: database.url,
      configuration,
      onProgress: progress.onProgress,
    });
    expect(refusals).toEqual([]);
    expect(state).toBe("applied");
    expect(progress.lines).toContainEqual(expect.stringMatching(/^building the index: .+, \d+ %$/));
  });
});
