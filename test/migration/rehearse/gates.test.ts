import { describe, expect, test } from "vitest";
import { downRestoresGate } from "../../../src/migration/rehearse/gates/down-restores.ts";
import { lockBudgetGate } from "../../../src/migration/rehearse/gates/lock-budget.ts";
import { oldQueriesGate } from "../../../src/migration/rehearse/gates/old-queries.ts";
import type { Outcome } from "../../../src/migration/rehearse/gates/outcome.ts";
import { rowsUnchangedGate } from "../../../src/migration/rehearse/gates/rows-unchanged.ts";
import { takeOut } from "../../../src/migration/rehearse/gates/take-out.ts";
import { upAgainGate } from "../../../src/migration/rehearse/gates/up-again.ts";
import { upOnCopyGate } from "../../../src/migration/rehearse/gates/up-on-copy.ts";
import type { RecordedQuery, Timeline } from "../../../src/migration/rehearse/rehearsal.ts";
import {
  grafted,
  HAS_HASH,
  NEWEST,
  openRoom,
  restore,
  restored,
  testOnNewest,
  whenChanged,
} from "./gates-support.ts";
import type { FilledDatabase } from "./rehearse-support.ts";

// What stands here has nothing to do with the version.
if (NEWEST)
  describe("the gate restore", () => {
    test("names the tables that may have been meant where there is no users table", async () => {
      const room = await openRoom({ sample: "a" }, { table: "user" });
      await expect(restore(room)).rejects.toMatchObject({ fix: expect.stringContaining("public.users") });
    });

    test("says what was left out where the users table could not be made without it", async () => {
      const leftOut = [
        { kind: "extension", name: "shoptype", reason: 'extension "shoptype" is not available' },
        { kind: "table", name: "public.users", reason: 'type "shoptype.mail" does not exist' },
      ];
      const outcome = await restore(
        await openRoom({ before: "CREATE TABLE orders (id int PRIMARY KEY)", leftOut }),
      );
      expect(outcome).toMatchObject({ passed: false, value: null, evidence: { leftOut } });
      expect(outcome.detail).toMatch(
        /There is no table users.*extension shoptype .*not available.*table public\.users/,
      );
    });

    test("fails where a part of the users table or what its parts use was left out, and only reports all else", async () => {
      const after = `CREATE FUNCTION touch_users() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      CREATE TRIGGER touched BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch_users()`;
      const reason = "it is not available";
      const deciding = [
        { kind: "trigger", name: "touch on public.users", reason },
        { kind: "constraint", name: "users_plan_fkey on public.users", reason },
        { kind: "rows", name: "public.users", reason },
        { kind: "function", name: "public.touch_users()", reason },
        { kind: "sequence", name: "public.users_id_seq", reason },
      ];
      const others = [
        { kind: "extension", name: "postgis", reason },
        { kind: "table", name: "archive.users", reason },
        { kind: "table", name: "public.users_places", reason },
        { kind: "owner", name: "public.users", reason },
      ];
      const room = await openRoom({ sample: "a", users: 5, after, leftOut: [...deciding, ...others] });
      const outcome = await restore(room);
      expect(outcome).toMatchObject({ passed: false, evidence: { deciding } });
      expect(outcome.detail).toContain("trigger touch on public.users (it is not available)");

      const harmless = await restore(await openRoom({ sample: "a", users: 5, leftOut: others }));
      expect(harmless).toMatchObject({ passed: true, evidence: { leftOut: others, deciding: [] } });
      expect(harmless.detail).toContain("Left out: extension postgis (it is not available);");
    });

    test("fails on a users table without a primary key", async () => {
      const outcome = await restore(await openRoom({ before: "CREATE TABLE users (id int, username text)" }));
      expect(outcome).toMatchObject({
        passed: false,
        detail: expect.stringContaining("without a primary key"),
      });
    });

    test("takes out of the copy what an earlier up has left in the source", async () => {
      const { room, from } = await restored({ sample: "a", users: 5, onFilled: (run) => run.up() });
      expect(from.situation.graft).toBeNull();
      expect(await upOnCopyGate(room, from)).toMatchObject({ passed: true });
    });

    test("fails where the source is grafted and holds what down would lose", async () => {
      const outcome = await restore(
        await openRoom({
          sample: "a",
          users: 5,
          onFilled: async (run) => {
            await run.up();
            await run.query(
              "UPDATE users SET email = 'ada@example.com' WHERE id = (SELECT min(id) FROM users)",
            );
          },
        }),
      );
      expect(outcome).toMatchObject({
        passed: false,
        detail: expect.stringMatching(/grafted already.*email address: 1/),
      });
    });
  });

testOnNewest("the gate up_on_copy fails with the refusals that only the data brings", async () => {
  const after = `INSERT INTO users SELECT gen_random_uuid(), 'twin', 'twin', upper(email), 'google', 'twin'
    FROM users WHERE email ~ '[a-z]' LIMIT 1`;
  const { room, from } = await restored({ sample: "b", users: 20, after });
  const outcome = await upOnCopyGate(room, from);
  expect(outcome).toMatchObject({ passed: false, value: null });
  expect(outcome.detail).toMatch(/^The plan is refused\. \w+: .*email/);
});

describe("the gate rows_unchanged", () => {
  testOnNewest(
    "names the columns that something of the application's rewrites when the schema changes",
    async () => {
      const after = whenChanged("UPDATE public.users SET username = 'x' || username WHERE id = 1", HAS_HASH);
      const { room, on } = await grafted({ sample: "a", users: 20, after });
      const outcome = await rowsUnchangedGate(room, on, () => takeOut(room, on));
      expect(outcome).toMatchObject({ passed: false, evidence: { columns: ["username"] } });
      expect(outcome.detail).toMatch(/not as they were after up \(20 rows before and after\).*username/);
    },
  );

  test("sees a NULL that became an empty text, and a row that is gone, after down", async () => {
    const after = whenChanged(
      "UPDATE public.users SET bio = '' WHERE bio IS NULL; DELETE FROM public.users WHERE username = 'leaver'",
      `NOT ${HAS_HASH}`,
    );
    const leaver = `INSERT INTO users SELECT gen_random_uuid(), 'leaver', 'Leaver', 'leaver@example.com', 'google', 'leaver';
      UPDATE users SET bio = NULL`;
    const { room, on } = await grafted({ sample: "b", users: 20, after: `${leaver}; ${after}` });
    const outcome = await rowsUnchangedGate(room, on, () => takeOut(room, on));
    expect(outcome.detail).toMatch(/after down \(21 rows before and 20 after\)/);
  });
});

describe("the gate old_queries", () => {
  const query = (sql: string): RecordedQuery => ({ sql, origin: "queries.sql:1", calls: null });
  const reports = (outcome: Outcome<true>) =>
    (outcome.evidence.queries as { origin: string; outcome: string; message: string | null }[]).filter(
      ({ origin }) => !origin.startsWith("generated"),
    );

  test("says what each query does, before and after, prepared and anew", async () => {
    const after = `CREATE TABLE contacts (user_id int REFERENCES users ON DELETE CASCADE, email text);
      CREATE TABLE subscribers (email text)`;
    const { room, from } = await restored({ sample: "a", users: 20, after });
    const outcome = await oldQueriesGate(room, from, [
      query("SELECT id, username FROM users WHERE username = $1 AND created_at < now()"),
      query("SELECT username FROM users u WHERE u.id = ? ORDER BY created_at LIMIT ?"),
      query("SELECT email FROM users JOIN contacts ON contacts.user_id = users.id WHERE users.id = :id"),
      query("SELECT * FROM users WHERE id = $1"),
      query("UPDATE users SET created_at = now() WHERE id = $1 RETURNING *"),
      query("INSERT INTO users (username, created_at) VALUES ($1, now()) RETURNING id"),
      query("DELETE FROM contacts WHERE email = 'bob@example.com'"),
      query("SELECT nothing FROM users"),
      query("VACUUM users"),
    ]);
    expect(reports(outcome).map(({ outcome: how }) => how)).toEqual([
      "ok",
      "ok",
      "failed",
      "once",
      "once",
      "ok",
      "ok",
      "unknown",
      "unknown",
    ]);
    expect(outcome.passed).toBe(false);
    expect(outcome.detail).toContain('column reference "email" is ambiguous');
    expect(outcome.detail).toContain("2 fail once on connections that were open across the change");
    expect(outcome.detail).toContain('column "nothing" does not exist');
    expect(JSON.stringify(outcome.evidence)).not.toContain("bob@example.com");
  });

  testOnNewest(
    "passes with queries that nothing is known of, and with prepared ones that only have to be prepared again",
    async () => {
      const recorded = [
        { sql: "SELECT * FROM users WHERE username = $1", origin: "pg_stat_statements", calls: 12 },
      ];
      const { room, from } = await restored({ sample: "a", users: 20, queries: recorded });
      const outcome = await oldQueriesGate(room, from, [query("LISTEN news"), query("SELECT $$")]);
      expect(reports(outcome).map(({ outcome: how }) => how)).toEqual(["unknown", "unknown", "once"]);
      expect(outcome.passed).toBe(true);
    },
  );

  testOnNewest("tries them with the search path that was set for the database", async () => {
    const before = `CREATE SCHEMA shop; CREATE SCHEMA stock; CREATE TABLE stock.items (id int PRIMARY KEY);
      CREATE TABLE shop.users (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, username text NOT NULL UNIQUE);
      INSERT INTO shop.users (username) VALUES ('ada')`;
    const onFilled = (run: FilledDatabase) =>
      run.query(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = shop, stock', current_database()); END $$",
      );
    const { room, from } = await restored({ before, onFilled, owned: true });
    const outcome = await oldQueriesGate(room, from, [
      query("SELECT username FROM users, items WHERE items.id = $1"),
    ]);
    expect(reports(outcome)).toMatchObject([{ outcome: "ok" }]);
  });

  testOnNewest(
    "finds an upsert that fails on an address in another case, and what a user without a provider breaks",
    async () => {
      const after =
        "UPDATE users SET email = 'ada.upsert@example.com' WHERE username = (SELECT min(username) FROM users)";
      const { room, from } = await restored({ sample: "b", users: 20, after });
      const outcome = await oldQueriesGate(room, from, [
        query(`INSERT INTO users (username, display_name, email, auth_provider, auth_provider_id)
        VALUES ($1, 'Ada', 'ADA.upsert@example.com', 'google', 'ada-2') ON CONFLICT (email) DO UPDATE SET updated_at = now()`),
        query("CREATE TEMPORARY TABLE t AS SELECT 1"),
        query(
          "WITH p AS (INSERT INTO refresh_tokens (user_id, token_hash, expires_at) SELECT id, $1, now() FROM users WHERE id = $2 RETURNING id) SELECT * FROM p",
        ),
        query("UPDATE users SET auth_provider = lower(auth_provider) WHERE id = $1"),
        query("SELECT jsonb_object_agg(auth_provider, id) FROM users"),
      ]);
      expect(reports(outcome).map(({ outcome: how }) => how)).toEqual([
        "failed",
        "unknown",
        "ok",
        "ok",
        "failed",
      ]);
      expect(outcome.detail).toContain("users_email_authgraft_idx");
    },
  );
});

describe("the gate lock_budget", () => {
  test("fails where something is slow under Authgraft's locks", async () => {
    const { room, from } = await restored(
      { sample: "a", users: 50, after: whenChanged("PERFORM pg_sleep(0.5)", HAS_HASH) },
      { lock: { budgetMilliseconds: 20, deadlineSeconds: 3 } },
    );
    const timelines: Timeline[] = [];
    const gate = lockBudgetGate(room, from, (timeline) => timelines.push(timeline), {
      ...{ alone: 200, reportOverUp: 300, reportOverDown: 200 },
    });
    const words = await gate.then(({ passed, detail }) => `${passed} ${detail}`, String);
    expect(words).toMatch(/^false .*(20 ms are allowed|could not be measured)|could not be had/);
  });
});

test("the gate down_restores tells what is not as it was, field by field", async () => {
  const after = whenChanged("COMMENT ON COLUMN public.users.username IS 'left'", `NOT ${HAS_HASH}`);
  const { room, on } = await grafted({ sample: "a", users: 20, after });
  const outcome = await downRestoresGate(on, () => takeOut(room, on));
  expect(outcome).toMatchObject({ passed: false, value: null });
  expect(outcome.detail).toContain(
    "The schema is not as it was: column public.users.username: comment was null and is left.",
  );
  expect(outcome.evidence.refusedWithPassword).toMatchObject([{ code: "data_would_be_lost" }]);
});

testOnNewest("the gate up_again tells what comes out differently the second time", async () => {
  const second = `IF ${HAS_HASH} THEN
      IF (SELECT last_value FROM public.times) = 2 THEN CREATE INDEX ON public.users (created_at); END IF;
    ELSE PERFORM setval('public.times', 2); END IF`;
  const after = `CREATE SEQUENCE public.times; ${whenChanged(second)}`;
  const { room, on } = await grafted({ sample: "a", users: 20, after });
  expect(await downRestoresGate(on, () => takeOut(room, on))).toMatchObject({ passed: true });
  const outcome = await upAgainGate(room, on);
  expect(outcome).toMatchObject({ passed: false, value: null });
  expect(outcome.detail).toContain("index users_created_at_idx on public.users is new");
});
