import { describe, expect, test } from "vitest";
import { openAuth } from "../../support/auth.ts";
import type { TestDatabase } from "../../support/postgres.ts";
import { graftedTable, hashOf, importText, usersIn } from "./support.ts";

const HASH = hashOf("analytical-engine");

/** A file of as many users, `user1@example.com` and on. */
function manyUsers(count: number): string {
  const lines = Array.from(
    { length: count },
    (_, index) => `user${index + 1}@example.com,user${index + 1},${HASH}`,
  );
  return `email,username,password_hash\n${lines.join("\n")}\n`;
}

async function countUsers(database: TestDatabase): Promise<number> {
  const { rows } = await database.query("SELECT count(*)::int AS count FROM users");
  return rows[0]?.count;
}

describe("rules of the application's own", () => {
  const RULES = `
    ALTER TABLE users ADD CONSTRAINT not_this_one CHECK (username <> 'user700'),
      ADD leader text DEFAULT 'nobody', ADD CONSTRAINT later UNIQUE (notes, username) DEFERRABLE INITIALLY DEFERRED;
    CREATE FUNCTION object() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN IF NEW.username = ''user900'' THEN RAISE ''no, % may not'', NEW.email; END IF; RETURN NEW; END';
    CREATE TRIGGER object BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION object()`;

  test("stop an import without --skip-invalid, which says what was written and which rows they are", async () => {
    const database = await graftedTable(RULES);
    const report = await importText(database, manyUsers(1_000));
    expect(report).toMatchObject({ state: "stopped", written: { new: 0 }, outcomes: { refused: 2 } });
    expect(report.refused).toEqual([
      { row: 701, field: "row", reason: `The application's CHECK "not_this_one" refuses it (23514)` },
      { row: 901, field: "row", reason: "A trigger of the application refuses it (P0001)" },
    ]);
    expect(await countUsers(database)).toBe(0);
  });

  test("a trigger may raise any SQLSTATE: it is about the row, and its words are repeated nowhere", async () => {
    const database = await graftedTable(`
      CREATE FUNCTION object() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.username = 'user2' THEN RAISE 'no %', NEW.email USING ERRCODE = '42501', CONSTRAINT = 'members_only'; END IF;
        IF NEW.username = 'user4' THEN RAISE 'no %', NEW.email USING ERRCODE = 'MY001'; END IF;
        RETURN NEW; END $$;
      CREATE TRIGGER object BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION object()`);
    const report = await importText(database, manyUsers(5), { skipInvalid: true });
    expect(report).toMatchObject({ state: "imported", written: { new: 3 } });
    expect(report.refused).toEqual([
      { row: 3, field: "row", reason: 'A trigger of the application "members_only" refuses it (42501)' },
      { row: 5, field: "row", reason: "A trigger of the application refuses it (MY001)" },
    ]);
  });

  test("leave out only the rows that break them with --skip-invalid", async () => {
    const database = await graftedTable(RULES);
    const report = await importText(database, manyUsers(1_000), { skipInvalid: true });
    expect(report).toMatchObject({
      state: "imported",
      written: { new: 998 },
      outcomes: { refused: 2, new: 998 },
    });
    expect(JSON.stringify(report)).not.toContain("user900@example.com");
    const again = await importText(database, manyUsers(1_000), { skipInvalid: true });
    expect(again).toMatchObject({ written: { new: 0 }, outcomes: { unchanged: 998, refused: 2 } });
  });
});

describe("others who write meanwhile", () => {
  test("who registers with an email of the file keeps the account; the rest is imported", async () => {
    const database = await graftedTable();
    const auth = await openAuth(database);
    const register = async () => {
      const answer = await auth.post("/v1/auth/register", {
        ...{ email: "USER40@example.com", username: "quicker", password: "correct horse battery staple" },
      });
      expect(answer.status).toBe(201);
      return true;
    };
    const report = await importText(database, manyUsers(100), {
      skipInvalid: true,
      context: { confirm: register },
    });
    expect(report).toMatchObject({ written: { new: 99 }, refused: [{ row: 41 }] });
    const users = await usersIn(database);
    expect(users).toHaveLength(100);
    expect(users.filter(({ email }) => /user40@/i.test(String(email)))).toMatchObject([
      { username: "quicker" },
    ]);
  });

  test("a password that somebody sets meanwhile is theirs", async () => {
    const database = await graftedTable(
      "INSERT INTO users (email) SELECT 'user' || n || '@example.com' FROM generate_series(1, 50) n",
    );
    const own = hashOf("their own");
    const setOne = async () => {
      await database.query("UPDATE users SET password_hash = $1 WHERE email = 'user7@example.com'", [own]);
      return true;
    };
    const report = await importText(database, manyUsers(50), {
      skipInvalid: true,
      context: { confirm: setOne },
    });
    expect(report).toMatchObject({ written: { password_added: 49 }, refused: [{ row: 8 }] });
    expect((await usersIn(database)).filter(({ password_hash }) => password_hash === own)).toHaveLength(1);
  });

  test("registrations while an import runs: nobody is twice there, and all of the file are", async () => {
    const database = await graftedTable();
    const pool = database.pool({ max: 2 });
    let running = true;
    const register = async () => {
      for (let n = 1; running; n++) {
        const email = `User${n * 37}@Example.com`;
        await pool.query("INSERT INTO users (email) VALUES ($1)", [email]).catch(() => undefined);
      }
    };
    const registering = register();
    const report = await importText(database, manyUsers(3_000), {
      skipInvalid: true,
      context: { batchSize: 100 },
    });
    running = false;
    await registering;
    expect(report.state).toBe("imported");
    const { rows } = await database.query(`
      SELECT count(*)::int AS users, count(DISTINCT lower(email))::int AS emails FROM users WHERE lower(email) IN
        (SELECT 'user' || n || '@example.com' FROM generate_series(1, 3000) n)`);
    expect(rows).toEqual([{ users: 3_000, emails: 3_000 }]);
  });
});

test("one import at a time: the second waits, and says so when it waited in vain", async () => {
  const database = await graftedTable();
  const configuration = { lock: { deadlineSeconds: 0.1 } };
  const second = async () => {
    await expect(importText(database, manyUsers(1), { configuration })).rejects.toMatchObject({
      code: "lock_timeout",
    });
    expect((await importText(database, manyUsers(1), { configuration, dryRun: true })).state).toBe("dry_run");
    return true;
  };
  expect((await importText(database, manyUsers(3), { context: { confirm: second } })).written.new).toBe(3);
});

test("stopped between two batches it says what stands; the next run goes on and the one after changes nothing", async () => {
  const database = await graftedTable();
  const controller = new AbortController();
  const onProgress = ({ phase }: { phase: string }) => {
    if (phase === "writing") controller.abort();
  };
  const text = manyUsers(1_200);
  await expect(
    importText(database, text, { context: { onProgress, signal: controller.signal, batchSize: 500 } }),
  ).rejects.toMatchObject({
    code: "interrupted",
    message: "Interrupted; 500 rows were written and stand.",
  });
  expect(await countUsers(database)).toBe(500);
  const next = await importText(database, text);
  expect(next).toMatchObject({ written: { new: 700 }, outcomes: { unchanged: 500 } });
  expect((await importText(database, text)).outcomes).toMatchObject({ unchanged: 1_200 });
});

test("a dry run can write nothing: its connection is read-only", async () => {
  const database = await graftedTable(
    "CREATE TABLE seen (n int); INSERT INTO users (email) VALUES ('user1@example.com')",
  );
  const report = await importText(database, manyUsers(10), { dryRun: true });
  expect(report).toMatchObject({
    state: "dry_run",
    outcomes: { new: 9, password_added: 1 },
    written: { new: 0 },
  });
  expect(await usersIn(database)).toMatchObject([{ email: "user1@example.com", password_hash: null }]);
  const client = await database.client();
  const tries: Promise<unknown>[] = [];
  const tryToWrite = () => {
    const insert = client.query("INSERT INTO users (email) VALUES ('intruder@example.com')");
    tries.push(insert.catch((error: unknown) => error));
  };
  await importText(database, manyUsers(10), {
    dryRun: true,
    context: { client, onProgress: tryToWrite },
  });
  const errors = await Promise.all(tries);
  expect(errors.length).toBeGreaterThan(1);
  expect(errors).toMatchObject(errors.map(() => ({ code: "25006" })));
  await client.end();
});
