import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { purgeAudit } from "../../src/accounts/purge/purge-audit.ts";
import { purge } from "../../src/accounts/purge.ts";
import { up } from "../../src/migration/up.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { watchPool } from "../support/watched-pool.ts";
import {
  countRows,
  emptied,
  graftedUsers,
  NOTHING,
  pastEvents,
  purgeParts,
  revokedTokens,
} from "./purge-parts.ts";

const goOn = new AbortController().signal;

let database: TestDatabase;

beforeAll(async () => {
  database = await graftedUsers();
});

beforeEach(async () => {
  await emptied(database);
});

async function names(text: string): Promise<string[]> {
  const { rows } = await database.query<{ name: string }>(text);
  return rows.map(({ name }) => name);
}

describe("a purge", () => {
  test("leaves a revocation until its token's expiry, the skew and two clocks' difference are past (56)", async () => {
    await database.query(
      `INSERT INTO revoked_tokens (jti, expires_at) VALUES
         ('lives', now() + interval '1 hour'), ('expires now', now()),
         ('within the skew', now() - interval '5 seconds'), ('within two minutes', now() - interval '110 seconds'),
         ('past', now() - interval '130 seconds'), ('long past', now() - interval '1 year')`,
    );
    await database.query("DELETE FROM authgraft.revocations");
    await database.query(
      `INSERT INTO authgraft.revocations (key, expires_at)
       SELECT convert_to(jti, 'UTF8'), expires_at FROM revoked_tokens`,
    );
    const counts = await purge(await purgeParts(database), goOn);
    expect(counts).toEqual({ ...NOTHING, revoked_tokens: 2, revocations: 2 });
    const kept = ["lives", "expires now", "within the skew", "within two minutes"];
    expect(await names("SELECT jti AS name FROM revoked_tokens ORDER BY id")).toEqual(kept);
    expect(
      await names("SELECT convert_from(key, 'UTF8') AS name FROM authgraft.revocations ORDER BY id"),
    ).toEqual(kept);
  });

  test("leaves a session while it goes on, while one of its tokens could live, and for a day after", async () => {
    const sessions = `(VALUES
      ('goes on', '1 day', NULL, '10 minutes'), ('idle', '1 day', NULL, '-9 days'),
      ('ended an hour ago', '1 day', '-1 hour', '-1 hour'), ('ended long ago', '1 day', '-25 hours', '-25 hours'),
      ('expired an hour ago', '-1 hour', NULL, '-1 hour'), ('expired long ago', '-25 hours', NULL, '-25 hours'),
      ('ended with a token that lives', '1 day', '-25 hours', '1 minute'),
      ('expired with a token that has just expired', '-25 hours', NULL, '-110 seconds'),
      ('ended, then expired', '-25 hours', '-9 days', '-9 days')) s(name, expires, ended, token)`;
    await database.query(
      `INSERT INTO authgraft.sessions (user_id, user_agent, expires_at, ended_at, token_expires_at)
       SELECT (SELECT min(id) FROM users), name, now() + expires::interval, now() + ended::interval, now() + token::interval
         FROM ${sessions}`,
    );
    const counts = await purge(await purgeParts(database), goOn);
    expect(counts).toEqual({ ...NOTHING, sessions: 3 });
    expect(await names("SELECT user_agent AS name FROM authgraft.sessions ORDER BY user_agent")).toEqual([
      "ended an hour ago",
      "ended with a token that lives",
      "expired an hour ago",
      "expired with a token that has just expired",
      "goes on",
      "idle",
    ]);
  });

  test("of sessions writes no revocation, as the deletion of one that goes on does", async () => {
    const over = "now() - interval '2 days'";
    await database.query(
      `INSERT INTO authgraft.sessions (user_id, expires_at, ended_at, token_expires_at)
       SELECT n, ${over}, CASE WHEN n > 5 THEN ${over} END, ${over} FROM generate_series(1, 10) n;
       INSERT INTO authgraft.sessions (user_id, expires_at, token_expires_at)
       VALUES (1, now() + interval '1 day', now() + interval '10 minutes')`,
    );
    expect(await purge(await purgeParts(database), goOn)).toMatchObject({ sessions: 10 });
    expect(await countRows(database, "authgraft.revocations")).toBe(0);
    await database.query("DELETE FROM authgraft.sessions");
    expect(await countRows(database, "authgraft.revocations")).toBe(1);
  });

  test("leaves links and mail until they expire", async () => {
    await database.query(
      `INSERT INTO authgraft.one_time_tokens (purpose, token_hash, user_id, expires_at) VALUES
         ('lives', '\\x01', 1, now() + interval '1 minute'), ('expired', '\\x02', 1, now() - interval '1 second'),
         ('expired, of nobody', '\\x03', NULL, now() - interval '1 year');
       INSERT INTO authgraft.mail_queue (sealed, attempts, next_attempt_at, expires_at) VALUES
         ('waits', 3, now() - interval '1 day', now() + interval '1 minute'), ('too late', 9, now(), now() - interval '1 second')`,
    );
    const counts = await purge(await purgeParts(database), goOn);
    expect(counts).toEqual({ ...NOTHING, one_time_tokens: 2, mail_queue: 1 });
    expect(await names("SELECT purpose AS name FROM authgraft.one_time_tokens")).toEqual(["lives"]);
    expect(await names("SELECT sealed AS name FROM authgraft.mail_queue")).toEqual(["waits"]);
  });

  test("leaves a mail that is just being sent", async () => {
    await database.query(
      "INSERT INTO authgraft.mail_queue (sealed, expires_at) SELECT n, now() - interval '1 day' FROM generate_series(1, 2) n",
    );
    const worker = await database.client();
    await worker.query("BEGIN; SELECT FROM authgraft.mail_queue WHERE sealed = '1' FOR UPDATE");
    expect(await purge(await purgeParts(database), goOn)).toMatchObject({ mail_queue: 1 });
    await worker.query("COMMIT");
    expect(await names("SELECT sealed AS name FROM authgraft.mail_queue")).toEqual(["1"]);
  });

  test("leaves a limit that goes on, that never ends, and for an hour after", async () => {
    const milliseconds = (ago: string) => `(extract(epoch FROM now() - interval '${ago}') * 1000)::bigint`;
    await database.query(
      `INSERT INTO authgraft.rate_limits (key, points, expire) VALUES
         ('goes on', 5, ${milliseconds("-1 minute")}), ('never ends', 5, NULL), ('just over', 5, ${milliseconds("59 minutes")}),
         ('over', 5, ${milliseconds("61 minutes")}), ('long over', 5, ${milliseconds("1 year")}), ('of 1970', 5, 0)`,
    );
    expect(await purge(await purgeParts(database), goOn)).toEqual({ ...NOTHING, rate_limits: 3 });
    expect(await names("SELECT key AS name FROM authgraft.rate_limits ORDER BY key")).toEqual([
      "goes on",
      "just over",
      "never ends",
    ]);
  });

  test("of many limits goes on where the batch before ended", async () => {
    await database.query(
      `INSERT INTO authgraft.rate_limits (key, points, expire)
       SELECT n, 1, (extract(epoch FROM now() - interval '1 day') * 1000)::bigint + n / 3 FROM generate_series(1, 2500) n`,
    );
    expect(await purge(await purgeParts(database), goOn)).toEqual({ ...NOTHING, rate_limits: 2_500 });
  });

  test("leaves the audit log alone, which has a purge of its own", async () => {
    await pastEvents(database, 3, "100 years");
    expect(await purge(await purgeParts(database), goOn)).toEqual(NOTHING);
    expect(await countRows(database, "authgraft.audit_log")).toBe(3);
  });

  test("is a transaction for each thousand rows, and stops between two of them", async () => {
    await revokedTokens(database, 2_500, "1 hour");
    const stopping = new AbortController();
    const sent: string[] = [];
    const pool = watchPool(database.pool(), {
      onQuery: (text) => {
        sent.push(text.trim().split(" ")[0] ?? "");
        if (text.startsWith("COMMIT")) stopping.abort();
      },
    });
    const stopped = await purge(await purgeParts(database, pool), stopping.signal);
    expect([stopped.revoked_tokens, sent]).toEqual([1_000, ["BEGIN", "SET", "WITH", "COMMIT"]]);
    expect(await countRows(database, "revoked_tokens")).toBe(1_500);
    expect(await purge(await purgeParts(database), goOn)).toMatchObject({ revoked_tokens: 1_500 });
  });

  test("by several at once deletes every row once", async () => {
    await revokedTokens(database, 6_000, "1 hour");
    const parts = await purgeParts(database);
    const counts = await Promise.all(Array.from({ length: 4 }, () => purge(parts, goOn)));
    expect(counts.reduce((sum, { revoked_tokens }) => sum + revoked_tokens, 0)).toBe(6_000);
    expect(await countRows(database, "revoked_tokens")).toBe(0);
  });

  test("is within what a server's role is granted", async () => {
    const own = await createTestDatabase({ sample: "a" });
    const role = await own.createRole("server");
    await up({ databaseUrl: own.superuserUrl, configuration: { serverRole: role.name } });
    await revokedTokens(own, 3, "1 hour");
    await own.query(
      `INSERT INTO authgraft.one_time_tokens (purpose, token_hash, expires_at) VALUES ('register', '\\x01', now());
       INSERT INTO authgraft.mail_queue (sealed, expires_at) VALUES ('too late', now());
       INSERT INTO authgraft.rate_limits (key, expire) VALUES ('of 1970', 0)`,
    );
    const pool = own.pool({ url: own.urlFor(role) });
    const parts = await purgeParts(own, pool);
    const counts = { revoked_tokens: 3, one_time_tokens: 1, mail_queue: 1, rate_limits: 1 };
    expect(await purge(parts, goOn)).toEqual({ ...NOTHING, ...counts });
    await expect(purgeAudit(parts, 1, goOn, () => undefined)).rejects.toMatchObject({ code: "refused" });
  });

  test("does not wait for rows that the application holds, and leaves them to the next time", async () => {
    await database.query(
      `INSERT INTO revoked_tokens (user_id, jti, expires_at)
       SELECT id, 'of ' || id, now() - interval '1 day' FROM users;
       INSERT INTO authgraft.sessions (user_id, expires_at, token_expires_at)
       SELECT id, now() - interval '2 days', now() - interval '2 days' FROM users`,
    );
    const application = await database.client();
    await application.query("BEGIN");
    await application.query("DELETE FROM users WHERE id <= 10");
    const parts = await purgeParts(database);
    const first = await purge(parts, goOn);
    expect(first).toMatchObject({ revoked_tokens: 10, sessions: 10 });
    await application.query("COMMIT");
    // The sessions of the ten went with them; their revocations stay, and are due.
    expect(await purge(parts, goOn)).toMatchObject({ revoked_tokens: 10, sessions: 0 });
  });
});

describe("a purge of the audit log", () => {
  async function purgedEvents(days: number, signal = goOn): Promise<number> {
    const counts: number[] = [];
    await purgeAudit(await purgeParts(database), days, signal, (rows) => void counts.push(rows));
    return counts.reduce((sum, rows) => sum + rows, 0);
  }

  test("deletes what is older than it is to be, whoever did it and however much it is", async () => {
    await pastEvents(database, 2_100, "31 days");
    await pastEvents(database, 1, "29 days");
    expect(await purgedEvents(365)).toBe(0);
    expect(await purgedEvents(30)).toBe(2_100);
    expect(await names("SELECT detail #>> '{}' AS name FROM authgraft.audit_log")).toEqual(["29 days"]);
  });

  test("stops between two batches", async () => {
    await pastEvents(database, 3, "31 days");
    expect(await purgedEvents(30, AbortSignal.abort())).toBe(0);
    expect(await countRows(database, "authgraft.audit_log")).toBe(3);
  });
});

describe("a revoked_tokens that was the application's before", () => {
  const OWN = `CREATE TABLE revoked_tokens (
    token_id uuid PRIMARY KEY DEFAULT gen_random_uuid(), jti text UNIQUE NOT NULL, expires_at timestamptz NOT NULL,
    revoked_at timestamptz DEFAULT now(), user_id integer REFERENCES users ON UPDATE CASCADE ON DELETE SET NULL)`;

  test("is purged just the same", async () => {
    const own = await graftedUsers(OWN);
    await revokedTokens(own, 1_200, "1 hour");
    await revokedTokens(own, 3, "-1 hour");
    expect(await purge(await purgeParts(own), goOn)).toMatchObject({ revoked_tokens: 1_200 });
    expect(await countRows(own, "revoked_tokens")).toBe(3);
  });

  test("loses no row of a table that inherits from it", async () => {
    const own = await graftedUsers(OWN);
    await own.query("CREATE TABLE more_revoked () INHERITS (revoked_tokens)");
    await revokedTokens(own, 5, "1 hour");
    await own.query(
      "INSERT INTO more_revoked (jti, expires_at) SELECT 'lives ' || n, now() + interval '1 hour' FROM generate_series(1, 5) n",
    );
    expect(await purge(await purgeParts(own), goOn)).toMatchObject({ revoked_tokens: 5 });
    expect(await countRows(own, "more_revoked")).toBe(5);
  });

  test("that keeps its rows by a trigger of its own ends no purge in a circle", async () => {
    const own = await graftedUsers(OWN);
    await own.query(
      `CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
       CREATE TRIGGER keep BEFORE DELETE ON revoked_tokens FOR EACH ROW EXECUTE FUNCTION keep()`,
    );
    await revokedTokens(own, 1_200, "1 hour");
    expect(await purge(await purgeParts(own), goOn)).toMatchObject({ revoked_tokens: 0 });
  });
});
