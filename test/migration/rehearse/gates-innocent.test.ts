import { describe, expect, test } from "vitest";
import { downRestoresGate } from "../../../src/migration/rehearse/gates/down-restores.ts";
import { lockBudgetGate } from "../../../src/migration/rehearse/gates/lock-budget.ts";
import { oldQueriesGate } from "../../../src/migration/rehearse/gates/old-queries.ts";
import type { Outcome } from "../../../src/migration/rehearse/gates/outcome.ts";
import { rowsUnchangedGate } from "../../../src/migration/rehearse/gates/rows-unchanged.ts";
import { takeOut } from "../../../src/migration/rehearse/gates/take-out.ts";
import type { RecordedQuery } from "../../../src/migration/rehearse/rehearsal.ts";
import { grafted, restored, testOnNewest } from "./gates-support.ts";

/** Some of this runs for every row that is written. */
function trigger(name: string, when: string, body: string): string {
  return `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} END $$;
    CREATE TRIGGER ${name} ${when} ON users FOR EACH ROW EXECUTE FUNCTION ${name}()`;
}

const query = (sql: string): RecordedQuery => ({ sql, origin: "queries.sql:1", calls: null });

interface Told {
  readonly origin: string;
  readonly sql: string;
  readonly outcome: string;
  readonly message: string | null;
}

const reports = ({ evidence }: Outcome<true>) => evidence.queries as readonly Told[];
const given = (outcome: Outcome<true>) => reports(outcome).filter(({ origin }) => origin === "queries.sql:1");

const USERS = `CREATE TABLE users (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, username text NOT NULL UNIQUE,
  google_id text UNIQUE, age int CHECK (age > 17))`;

testOnNewest(
  "what an application's triggers do beside a new user, and one that keeps rows from going, is not held against down",
  async () => {
    const after = [
      "CREATE TABLE profiles (user_id uuid PRIMARY KEY REFERENCES users)",
      trigger("add_profile", "AFTER INSERT", "INSERT INTO profiles VALUES (NEW.id); RETURN NULL;"),
      trigger("greet", "AFTER INSERT", "UPDATE users SET display_name = upper(display_name); RETURN NULL;"),
      trigger("keep", "BEFORE DELETE", "RETURN NULL;"),
    ];
    const { room, on } = await grafted({ sample: "b", users: 20, after: after.join(";") });
    const out = takeOut(room, on);
    expect(await downRestoresGate(on, () => out)).toMatchObject({
      passed: true,
      evidence: { noUser: null, refusedWithPassword: [{ code: "data_would_be_lost" }] },
    });
    expect(await rowsUnchangedGate(room, on, () => out)).toMatchObject({
      passed: true,
      detail: expect.stringContaining("the same after up and after down"),
    });
  },
);

describe("the gate old_queries", () => {
  testOnNewest("does not write a value of one row beside the key of another", async () => {
    const before = `${USERS}; INSERT INTO users (username, google_id, age) VALUES ('ada', 'g-1', 36)`;
    const { room, from } = await restored({ before });
    const outcome = await oldQueriesGate(room, from, [
      query("UPDATE users SET google_id = $1 WHERE id = $2"),
    ]);
    expect(given(outcome)).toMatchObject([{ outcome: "ok", message: null }]);
    expect(outcome.passed).toBe(true);
  });

  testOnNewest(
    "blames nobody for values that it made up because there is no row, and sees what needs none",
    async () => {
      const { room, from } = await restored({ before: USERS });
      const outcome = await oldQueriesGate(room, from, [
        query("UPDATE users SET age = least($1::int, 1) WHERE username <> $2"),
        query("SELECT 1 / (count(*) - count(google_id) - 1) FROM users"),
      ]);
      expect(given(outcome)).toMatchObject([
        { outcome: "unknown", message: expect.stringContaining("there is no row to take values from") },
        { outcome: "failed", message: "division by zero" },
      ]);
    },
  );

  test("tells nothing of anybody: no constant, no comment, no row, and no words of the application's", async () => {
    const before = `${USERS}; INSERT INTO users (username, google_id, age) VALUES ('lovelace', 'g-1815', 36);
      CREATE FUNCTION fail_for(who text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'no % here', who; END $$`;
    const { room, from } = await restored({ before });
    const outcome = await oldQueriesGate(room, from, [
      query("SELECT username -- of lovelace\n FROM users /* lovelace */ WHERE age = 1815"),
      query("SELECT 'lovelace'::int FROM users"),
      query("SELECT 'lovelace'::regclass FROM users"),
      query('SELECT username FROM users WHERE username = "lovelace@example.com"'),
      query("SELECT fail_for(username) FROM users WHERE id = $1"),
      query("UPDATE users SET age = 3 WHERE id = $1"),
      query("SELECT username FROM users WHERE username = 'lovelace"),
      query("SELECT username::int FROM users"),
    ]);
    expect(given(outcome).map(({ sql }) => sql)).toContain("SELECT username FROM users WHERE age = …");
    expect(given(outcome).map(({ message }) => message)).toContainEqual(
      expect.stringContaining("fail_for(text) raised an exception (P0001)"),
    );
    expect(JSON.stringify(outcome)).not.toMatch(/lovelace|1815/);
  });

  testOnNewest("says what failed in a user's row without that row", async () => {
    const before = `${USERS}; INSERT INTO users (username, google_id, age) VALUES ('lovelace', 'g-1815', 36);
      ${trigger("no_more", "BEFORE INSERT OR UPDATE", "RAISE '% is not wanted', (SELECT username FROM users);")}`;
    const { room, from } = await restored({ before });
    const outcome = await oldQueriesGate(room, from, []);
    expect(outcome).toMatchObject({
      passed: true,
      detail: expect.stringContaining("not with a user who has a password, whom the table does not take"),
    });
    expect(JSON.stringify(outcome)).not.toMatch(/lovelace|1815/);
  });

  testOnNewest("gives one of its users a password where a new row cannot be made up", async () => {
    const before = `${USERS}; ALTER TABLE users ADD auth_provider text NOT NULL, ADD CHECK (username ~ '^[a-z]+$');
      CREATE TABLE audit (user_id int, provider text NOT NULL);
      INSERT INTO users (username, auth_provider) VALUES ('ada', 'google'), ('bob', 'google')`;
    const { room, from } = await restored({ before });
    const outcome = await oldQueriesGate(room, from, [
      query("INSERT INTO audit SELECT id, auth_provider FROM users WHERE id = $1"),
    ]);
    expect(given(outcome)).toMatchObject([
      { outcome: "failed", message: expect.stringMatching(/null value in column "provider"/) },
    ]);
    expect(outcome.detail).not.toContain("who has a password");
  });

  testOnNewest("fails where a user with a password cannot be made for what the graft broke", async () => {
    const before = `${USERS}; INSERT INTO users (username, google_id) VALUES ('ada', 'g-1'); CREATE TABLE added (LIKE users);
      ${trigger("note", "AFTER INSERT", "IF NEW.google_id IS NULL THEN INSERT INTO added SELECT NEW.*; END IF; RETURN NULL;")}`;
    const { room, from } = await restored({ before });
    const outcome = await oldQueriesGate(room, from, []);
    expect(outcome).toMatchObject({
      passed: false,
      detail: expect.stringContaining(
        "no user with a password could be made (PostgreSQL said: INSERT has more",
      ),
    });
  });

  testOnNewest(
    "fails for a query that no longer ends in time, and for one that nothing but parsing is known of",
    async () => {
      const slow = `SELECT pg_sleep(5) FROM pg_attribute WHERE attrelid = 'users'::regclass AND attname = 'password_hash'`;
      const after = "CREATE TABLE contacts (user_id int REFERENCES users, email text)";
      const { room, from } = await restored({ sample: "a", users: 5, after });
      const ambiguous = "SELECT 1 / ($1 - 1), email FROM users JOIN contacts ON user_id = users.id";
      const times = { all: 60_000, before: 4_000, after: 500 };
      const outcome = await oldQueriesGate(
        room,
        from,
        [query(slow), query(`${ambiguous} OR 1 / ($2 - 1) = 0`)],
        times,
      );
      expect(given(outcome)).toMatchObject([
        { outcome: "failed", message: expect.stringContaining("does not end within 0.5 s") },
        { outcome: "failed", message: expect.stringContaining("ambiguous") },
      ]);

      const hurried = await oldQueriesGate(room, from, [query(slow), query(ambiguous)], { ...times, all: 0 });
      expect(reports(hurried).map(({ outcome: how }) => how)).toEqual([
        ...["unknown", "unknown", "unknown", "unknown"],
        ...["unknown", "failed"],
      ]);
      expect(reports(hurried)[0]).toMatchObject({ origin: "generated (read a row)" });
    },
  );
});

testOnNewest(
  "the gate lock_budget does not count what an application's triggers refuse without Authgraft, row by row and in the end",
  async () => {
    const before = `${USERS}; INSERT INTO users (username) SELECT 'lovelace' || n FROM generate_series(1, 20) n; CREATE SEQUENCE times;
    ${trigger("only_so_often", "BEFORE UPDATE", "IF NEW.id % 2 = 0 OR nextval('times') > 40 THEN RAISE 'no more of %', NEW.username; END IF; RETURN NEW;")}`;
    const { room, from } = await restored({ before }, { lock: { budgetMilliseconds: 10_000 } });
    const times = { alone: 500, reportOverUp: 300, reportOverDown: 200 };
    const outcome = await lockBudgetGate(room, from, () => undefined, times);
    expect(outcome).toMatchObject({
      detail: expect.stringContaining("none failed that does not fail without Authgraft"),
      evidence: { statements: ["read", "write"], errors: [{ code: "P0001", statement: "write" }] },
      passed: true,
    });
    expect(JSON.stringify(outcome)).not.toContain("lovelace");
  },
);
