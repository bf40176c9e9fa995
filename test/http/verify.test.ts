import { setTimeout } from "node:timers/promises";
import { decodeJwt } from "jose";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { ConfigurationInput } from "../../src/config/schema.ts";
import { DatabaseError, SignInError } from "../../src/errors.ts";
import { openAuth, type TestAuth } from "../support/auth.ts";
import { eventually } from "../support/eventually.ts";
import { ageGraft, renewGraft } from "../support/feed.ts";
import { resign, signingKeyOf } from "../support/forge.ts";
import { graft } from "../support/graft.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { TransactionPooler } from "../support/transaction-pooler.ts";
import { watchPool } from "../support/watched-pool.ts";

const PASSWORD = "correct horse";

let database: TestDatabase;
let made = 0;

beforeAll(async () => {
  database = await grafted();
});

async function grafted(configuration: ConfigurationInput = {}): Promise<TestDatabase> {
  const made = await createTestDatabase({ sample: "a", grafted: configuration });
  await ageGraft(made);
  return made;
}

async function signUp(auth: TestAuth): Promise<{ token: string; id: string }> {
  made += 1;
  const person = { email: `person-${made}@example.com`, username: `person-${made}`, password: PASSWORD };
  const { body } = await auth.post("/v1/auth/register", person);
  return { token: body.token, id: body.user.id };
}

/** Memory answers for as long as a test may take on a busy machine. */
const LASTING: ConfigurationInput = { tokens: { maxStalenessSeconds: 60 } };

/** Until what is known comes from memory. */
const settled = (auth: TestAuth) => eventually(() => auth.revocations().age).toBeLessThan(1_000);

const outcome = (auth: TestAuth, token: string) =>
  auth.verify(token).then(
    () => "valid",
    (error: unknown) =>
      error instanceof SignInError ? error.code : error instanceof DatabaseError ? "unavailable" : error,
  );

/** Counts the statements that ask about tokens. */
function counting(db: TestDatabase, before: () => Promise<unknown> = async () => undefined) {
  const asked = { decisions: 0 };
  const pool = watchPool(db.pool(), {
    onQuery: async (text) => {
      if (!text.includes("unnest($1::text[], $2::uuid[]")) return;
      asked.decisions += 1;
      await before();
    },
  });
  return { asked, pool };
}

describe("verify", () => {
  test("asks the database nothing about a token that is valid, or that it knows to be revoked", async () => {
    const { asked, pool } = counting(database);
    const auth = await openAuth(database, { pool, configuration: LASTING });
    const { token, id } = await signUp(auth);
    await eventually(() => auth.revocations().age).toBeLessThan(60_000);
    expect(await auth.verify(token)).toMatchObject({
      userId: id,
      tokenId: decodeJwt(token).jti,
      generation: 0,
    });
    for (let n = 0; n < 100; n++) await auth.verify(token);
    await auth.post("/v1/auth/logout", undefined, { token });
    const outcomes = new Set<unknown>();
    for (let n = 0; n < 100; n++) outcomes.add(await outcome(auth, token));
    expect([...outcomes]).toEqual(["invalid_token"]);
    expect(asked.decisions).toBe(0);
  });

  test("answers many at once about many tokens that memory cannot tell of with a few statements, each exactly", async () => {
    // The first to ask are answered once the others stand behind them.
    const { asked, pool } = counting(database, () => setTimeout(200));
    const auth = await openAuth(database, { pool });
    const people = await Promise.all(Array.from({ length: 12 }, () => signUp(auth)));
    await database.query(
      "INSERT INTO revoked_tokens (jti, expires_at) SELECT j, now() + interval '1 hour' FROM unnest($1::text[]) j",
      [people.slice(0, 4).map(({ token }) => decodeJwt(token).jti)],
    );
    const statuses = await Promise.all(
      Array.from({ length: 120 }, async (_, n) => {
        const { token, id } = people[n % 12] ?? { token: "", id: "" };
        const answer = await auth.get("/v1/users/me", { token });
        return answer.status === 200 && answer.body.user.id !== id ? "somebody else" : answer.status;
      }),
    );
    expect(statuses).toEqual(Array.from({ length: 120 }, (_, n) => (n % 12 < 4 ? 401 : 200)));
    expect(asked.decisions).toBeLessThan(30);
  });

  test("takes one whose id is no value of the key's type for nobody's, and answers those who asked with it", async () => {
    const auth = await openAuth(database);
    const { token } = await signUp(auth);
    const { privateKey } = await signingKeyOf(database);
    const foreign = await resign(token, privateKey, { claims: { sub: "ada" } });
    const answers = await Promise.all(
      [token, foreign, token].map((one) => auth.get("/v1/users/me", { token: one })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 200]);
  });

  test("asks about tokens that are older than the feed", async () => {
    const young = await createTestDatabase({ sample: "a", grafted: {} });
    await renewGraft(young);
    const { asked, pool } = counting(young);
    const auth = await openAuth(young, { pool });
    const { token } = await signUp(auth);
    await settled(auth);
    await auth.verify(token);
    await auth.verify(token);
    expect(asked.decisions).toBe(2);
  });

  test("takes what it knows for nothing once the clock was set back, and reads everything anew", async () => {
    let ahead = 10 * 60_000;
    const auth = await openAuth(database, { now: () => Date.now() + ahead });
    const { token } = await signUp(auth);
    await settled(auth);
    expect(await outcome(auth, token)).toBe("valid");
    ahead = 0;
    expect(auth.revocations().age).toBe(Number.POSITIVE_INFINITY);
    await settled(auth);
  });
});

describe("a token that ends is refused in another process", () => {
  const ways: readonly (readonly [string, string])[] = [
    [
      "its jti is revoked by hand (A10)",
      "INSERT INTO revoked_tokens (jti, expires_at) SELECT $2, now() + interval '1 hour' WHERE $1 <> ''",
    ],
    [
      "its session is ended",
      "UPDATE authgraft.sessions SET ended_at = now() WHERE user_id::text = $1 AND $2 <> ''",
    ],
    ["its session is deleted", "DELETE FROM authgraft.sessions WHERE user_id::text = $1 AND $2 <> ''"],
    [
      "its user's generation rises",
      "INSERT INTO authgraft.accounts (user_id, token_generation) SELECT id, 1 FROM users WHERE id::text = $1 AND $2 <> ''",
    ],
    [
      "its user is disabled (62)",
      "INSERT INTO authgraft.accounts (user_id, disabled_at) SELECT id, now() FROM users WHERE id::text = $1 AND $2 <> ''",
    ],
    ["the old application deletes its user (62)", "DELETE FROM users WHERE id::text = $1 AND $2 <> ''"],
    ["its user is given another id", "UPDATE users SET id = id + 5000000 WHERE id::text = $1 AND $2 <> ''"],
    ["all sessions are truncated away", "TRUNCATE authgraft.sessions"],
  ];

  test.each([
    ["that is told by notifications (53)", "listening"],
    ["that looks by itself", "looking"],
    ["behind a pooler that has no LISTEN", "pooled"],
    ["on the application's own pool", "pool"],
  ] as const)("%s", async (_, how) => {
    const db = await grafted();
    const first = await openAuth(db);
    const second = await other(db, how);
    await settled(second);
    for (const [why, sql] of ways) {
      const { token, id } = await signUp(first);
      expect(await outcome(second, token), why).toBe("valid");
      await db.query(sql, sql.includes("$1") ? [id, decodeJwt(token).jti] : []);
      await eventually(() => outcome(second, token)).toBe("invalid_token");
    }
  });

  async function other(
    db: TestDatabase,
    how: "listening" | "looking" | "pooled" | "pool",
  ): Promise<TestAuth> {
    if (how === "pool") return openAuth(db, { pool: db.pool({ max: 1 }) });
    if (how === "looking") return openAuth(db, { configuration: { tokens: { listen: false } } });
    if (how === "listening") return openAuth(db);
    const pooler = await TransactionPooler.start(db.url);
    onTestFinished(() => pooler.stop());
    return openAuth({ ...db, url: pooler.url });
  }
});

test("none of a thousand revocations is missed while the connection that hears of them is killed again and again", async () => {
  const db = await grafted();
  const auth = await openAuth(db);
  await settled(auth);
  const before = auth.revocations().entries;
  const killing = setInterval(() => {
    db.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'authgraft revocations'",
    ).catch(() => undefined);
  }, 150);
  onTestFinished(() => clearInterval(killing));
  const failures = () => auth.logs.filter((line) => line.includes("cannot be followed")).length;
  const clients = await Promise.all([1, 2, 3, 4].map(() => db.client()));
  await Promise.all(
    clients.map(async (client, who) => {
      for (let n = 0; n < 50; n++) {
        // However fast the machine is, it happens in the midst of them.
        if (n === 25) await eventually(failures).toBeGreaterThan(0);
        await client.query("BEGIN");
        for (let m = 0; m < 5; m++) {
          await client.query(
            "INSERT INTO revoked_tokens (jti, expires_at) VALUES ($1, now() + interval '1 hour')",
            [`killed-${who}-${n}-${m}`],
          );
        }
        await client.query("COMMIT");
      }
    }),
  );
  clearInterval(killing);
  await eventually(() => auth.revocations().entries).toBe(before + 1_000);
});

test("where the application marks users as deleted, that counts within the bound, and the database is asked that often", async () => {
  const db = await createTestDatabase({ sample: "a" });
  await db.query("ALTER TABLE users ADD COLUMN deleted_at timestamptz");
  const configuration: ConfigurationInput = {
    mapping: { deleted: "deleted_at" },
    tokens: { maxStalenessSeconds: 2 },
  };
  await graft(db, configuration);
  await ageGraft(db);
  const { asked, pool } = counting(db);
  const auth = await openAuth(db, { configuration, pool });
  const { token, id } = await signUp(auth);
  await settled(auth);
  await Promise.all(Array.from({ length: 50 }, () => auth.verify(token)));
  for (let n = 0; n < 50; n++) await auth.verify(token);
  expect(asked.decisions).toBeLessThan(5);
  await db.query("UPDATE users SET deleted_at = now() WHERE id::text = $1", [id]);
  await eventually(() => outcome(auth, token)).toBe("invalid_token");
});

test("what memory knows to be revoked stays refused when the database is gone, and nothing else is accepted for long (57)", async () => {
  const db = await grafted();
  const auth = await openAuth(db);
  const [kept, ended] = [await signUp(auth), await signUp(auth)];
  await settled(auth);
  await auth.post("/v1/auth/logout", undefined, { token: ended.token });
  await eventually(() => outcome(auth, ended.token)).toBe("invalid_token");
  const administrator = await db.client(db.superuserUrl.replace(/\/[^/]*$/, "/postgres"));
  await administrator.query(`ALTER DATABASE ${db.name} ALLOW_CONNECTIONS false`);
  await administrator.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [
    db.name,
  ]);
  await eventually(() => outcome(auth, kept.token)).toBe("unavailable");
  for (let n = 0; n < 20; n++) {
    expect([await outcome(auth, kept.token), await outcome(auth, ended.token)]).toEqual([
      "unavailable",
      "invalid_token",
    ]);
  }
  await administrator.query(`ALTER DATABASE ${db.name} ALLOW_CONNECTIONS true`);
  await eventually(() => outcome(auth, kept.token)).toBe("valid");
  expect(await outcome(auth, ended.token)).toBe("invalid_token");
});

test("while the feed alone cannot be read, the database decides", async () => {
  const db = await grafted();
  const { asked, pool } = counting(db);
  const auth = await openAuth(db, { pool });
  const [kept, ended] = [await signUp(auth), await signUp(auth)];
  await settled(auth);
  await db.query("ALTER TABLE authgraft.revocations RENAME TO elsewhere");
  await eventually(() => auth.revocations().age).toBeGreaterThan(2_000);
  await db.query("ALTER TABLE authgraft.elsewhere RENAME TO revocations");
  const locker = await db.client();
  await locker.query("BEGIN; LOCK TABLE authgraft.revocations IN ACCESS EXCLUSIVE MODE");
  await eventually(() => auth.revocations().age).toBeGreaterThan(2_000);
  const before = asked.decisions;
  expect([await outcome(auth, kept.token), await outcome(auth, ended.token)]).toEqual(["valid", "valid"]);
  expect(asked.decisions).toBe(before + 2);
  await locker.query("ROLLBACK");
  await settled(auth);
});

test("a pool of the application's that had no connection to lend for a while is whole afterwards", async () => {
  const db = await grafted();
  const pool = db.pool({ max: 2 });
  const auth = await openAuth(db, { pool });
  const { token } = await signUp(auth);
  await settled(auth);
  const held = await Promise.all([pool.connect(), pool.connect()]);
  await eventually(() => auth.revocations().age).toBeGreaterThan(3_000);
  expect(await outcome(auth, token)).toBe("unavailable");
  for (const client of held) client.release();
  await settled(auth);
  expect(await outcome(auth, token)).toBe("valid");
  const again = await Promise.all([pool.connect(), pool.connect()]);
  for (const client of again) client.release();
});

test("metrics say how much is known of what was revoked, and how old it is", async () => {
  const auth = await openAuth(database);
  await settled(auth);
  const text = await auth.metrics();
  expect(text).toMatch(/^authgraft_revocations \d+$/m);
  expect(text).toMatch(/^authgraft_revocations_age_seconds \d/m);
});
