import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { up } from "../../../src/migration/up.ts";
import { sessionKey, userKey } from "../../../src/tokens/revocations/revocation-key.ts";
import { EVERY_GENERATION } from "../../../src/tokens/revocations/revocation-set.ts";
import { FeedReader, revokeByHand } from "../../support/feed.ts";
import { OWNER } from "../../support/owner.ts";
import { createTestDatabase, serverMajor, type TestDatabase } from "../../support/postgres.ts";

let database: TestDatabase;
let made = 0;

beforeAll(async () => {
  database = await createTestDatabase({ sample: "a", grafted: {} });
});

const newReader = async (db = database) => new FeedReader(await db.client());
const newName = (label: string) => `${label}-${++made}`;

/** A session of a new user, with a token that lives for a while. */
async function newSession(): Promise<{ id: string; userId: string }> {
  const { rows } = await database.query<{ id: string; user_id: string }>(
    `WITH u AS (INSERT INTO users (username, created_at) VALUES ($1, now()) RETURNING id)
     INSERT INTO authgraft.sessions (user_id, expires_at, token_expires_at)
     SELECT id, now() + interval '1 day', now() + interval '15 minutes' FROM u
     RETURNING id::text, user_id::text`,
    [newName("person")],
  );
  const [row] = rows;
  if (row === undefined) throw new Error("PostgreSQL answered without a row");
  return { id: row.id, userId: row.user_id };
}

describe("a reader of the feed", () => {
  test("reads everything at first, then only what is new, each once", async () => {
    const [first, second] = [newName("first"), newName("second")];
    await revokeByHand(database, [first]);
    const reader = await newReader();
    expect(await reader.read()).toBe(true);
    expect(reader.has(first)).toBe(true);
    await revokeByHand(database, [second]);
    expect(await reader.read()).toBe(false);
    expect([reader.has(second), reader.lastCount]).toEqual([true, 1]);
    await reader.read();
    expect(reader.lastCount).toBe(0);
  });

  test("misses no transaction that commits after later ones have been read, and none it read is read again", async () => {
    const [late, soon, other] = [newName("late"), newName("soon"), newName("other")];
    const reader = await newReader();
    await reader.read();
    const slow = await database.client();
    await slow.query("BEGIN");
    await revokeByHand(slow, [late]);
    await revokeByHand(database, [soon]);
    await reader.read();
    expect([reader.has(soon), reader.has(late), reader.lastCount]).toEqual([true, false, 1]);
    await revokeByHand(database, [other]);
    await reader.read();
    await slow.query("COMMIT");
    await reader.read();
    expect([reader.has(late), reader.lastCount]).toEqual([true, 1]);
    await reader.read();
    expect(reader.lastCount).toBe(0);
  });

  test("sees nothing of a transaction that is rolled back, and all of one with savepoints", async () => {
    const [never, inner, outer] = [newName("never"), newName("inner"), newName("outer")];
    const reader = await newReader();
    await reader.read();
    const client = await database.client();
    await client.query("BEGIN");
    await revokeByHand(client, [outer]);
    await client.query("SAVEPOINT a");
    await revokeByHand(client, [inner]);
    await client.query("RELEASE a; SAVEPOINT b");
    await revokeByHand(client, [never]);
    await client.query("ROLLBACK TO b");
    await reader.read();
    await client.query("COMMIT");
    await reader.read();
    expect([outer, inner, never].map((jti) => reader.has(jti))).toEqual([true, true, false]);
  });

  test("reads many pages, of one transaction that was on its way as of new ones", async () => {
    const alone = await createTestDatabase({ sample: "a", grafted: {} });
    const reader = await newReader(alone);
    await reader.read();
    const names = Array.from({ length: 12_001 }, () => newName("many"));
    const slow = await alone.client();
    await slow.query("BEGIN");
    await revokeByHand(slow, names.slice(0, 6_000));
    await reader.read();
    await revokeByHand(alone, names.slice(6_000));
    await slow.query("COMMIT");
    await reader.read();
    expect(reader.lastCount).toBe(12_001);
    expect(names.filter((name) => !reader.has(name))).toEqual([]);
    const fresh = await newReader(alone);
    await fresh.read();
    expect(fresh.lastCount).toBe(12_001);
  });

  test("whatever the order in which transactions begin, write, commit and roll back, ends up with what was committed", async () => {
    const alone = await createTestDatabase({ sample: "a", grafted: {} });
    const clients = await Promise.all([0, 1, 2, 3].map(() => alone.client()));
    const action = fc.record({
      who: fc.nat({ max: 3 }),
      does: fc.constantFrom("write", "write", "commit", "rollback", "read", "read"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 30 }), async (actions) => {
        const reader = await newReader(alone);
        await reader.read();
        const open = clients.map(() => null as string[] | null);
        const committed: string[] = [];
        const undone: string[] = [];
        for (const { who, does } of actions) {
          const client = clients[who];
          if (client === undefined) continue;
          if (does === "read") await reader.read();
          if (does === "write") {
            if (open[who] == null) await client.query("BEGIN");
            const name = newName("any");
            await revokeByHand(client, [name]);
            open[who] = [...(open[who] ?? []), name];
          }
          if ((does === "commit" || does === "rollback") && open[who] != null) {
            await client.query(does);
            (does === "commit" ? committed : undone).push(...(open[who] ?? []));
            open[who] = null;
          }
        }
        await Promise.all(clients.map((client) => client.query("ROLLBACK")));
        await reader.read();
        expect(committed.filter((name) => !reader.has(name))).toEqual([]);
        expect(
          [...undone, ...open.flatMap((names) => names ?? [])].filter((name) => reader.has(name)),
        ).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  test("whose position is of another table of that name begins anew", async () => {
    const alone = await createTestDatabase({ sample: "a", grafted: {} });
    const reader = await newReader(alone);
    await reader.read();
    await alone.query("CREATE TABLE authgraft.other (LIKE authgraft.revocations INCLUDING ALL)");
    await alone.query("ALTER TABLE authgraft.revocations RENAME TO gone");
    await alone.query("ALTER TABLE authgraft.other RENAME TO revocations");
    expect(await reader.read()).toBe(true);
  });
});

describe("the feed has", () => {
  const entry = async (change: (session: { id: string; userId: string }) => Promise<unknown>) => {
    const session = await newSession();
    const reader = await newReader();
    await reader.read();
    await change(session);
    await reader.read();
    return {
      session: reader.set.generationOf(sessionKey(session.id)),
      user: reader.set.generationOf(userKey(session.userId)),
      count: reader.lastCount,
      reader,
    };
  };

  test.each([
    ["is ended", "UPDATE authgraft.sessions SET ended_at = now() WHERE id = $1"],
    ["is deleted", "DELETE FROM authgraft.sessions WHERE id = $1"],
    [
      "goes with its user's row, which the old application deletes (62)",
      "DELETE FROM users WHERE id = (SELECT user_id FROM authgraft.sessions WHERE id = $1)",
    ],
  ])("a session that %s", async (_, sql) => {
    const found = await entry(({ id }) => database.query(sql, [id]));
    expect(found.session).toBe(EVERY_GENERATION);
  });

  test("what makes a session that is cut short the business of the database, and no session that is not", async () => {
    const cut = await entry(({ id }) =>
      database.query(
        "UPDATE authgraft.sessions SET expires_at = now() + interval '5 minutes' WHERE id = $1",
        [id],
      ),
    );
    expect([cut.session, cut.user]).toEqual([0, EVERY_GENERATION]);
    const shorter = await entry(({ id }) =>
      database.query("UPDATE authgraft.sessions SET expires_at = now() + interval '1 hour' WHERE id = $1", [
        id,
      ]),
    );
    expect(shorter.count).toBe(0);
  });

  test.each([
    [
      "is used",
      "UPDATE authgraft.sessions SET last_used_at = now(), token_expires_at = now() + interval '1 hour' WHERE id = $1",
    ],
    [
      "is prolonged",
      "UPDATE authgraft.sessions SET expires_at = expires_at + interval '1 day' WHERE id = $1",
    ],
  ])("nothing of a session that %s", async (_, sql) => {
    expect((await entry(({ id }) => database.query(sql, [id]))).count).toBe(0);
  });

  test("nothing of a session whose last token expired a while ago", async () => {
    const session = await newSession();
    await database.query(
      "UPDATE authgraft.sessions SET token_expires_at = now() - interval '2 minutes' WHERE id = $1",
      [session.id],
    );
    const reader = await newReader();
    await reader.read();
    await database.query("DELETE FROM authgraft.sessions WHERE id = $1", [session.id]);
    await reader.read();
    expect(reader.lastCount).toBe(0);
  });

  test.each([
    ["generation rises", "INSERT INTO authgraft.accounts (user_id, token_generation) VALUES ($1, 7)", 7],
    ["account is disabled", "INSERT INTO authgraft.accounts (user_id, disabled_at) VALUES ($1, now())", 1],
  ])("the user whose %s, for the generations before", async (_, sql, generation) => {
    const { userId } = await newSession();
    await database.query("DELETE FROM authgraft.accounts WHERE user_id::text = $1", [userId]);
    const reader = await newReader();
    await reader.read();
    await database.query(sql, [userId]);
    await reader.read();
    expect(reader.set.generationOf(userKey(userId))).toBe(generation);
  });

  test("the generation after when a disabled account's generation stands, is raised, lowered, or goes", async () => {
    const { userId } = await newSession();
    await database.query(
      "INSERT INTO authgraft.accounts (user_id, token_generation) VALUES ($1, 3) ON CONFLICT (user_id) DO UPDATE SET token_generation = 3, disabled_at = NULL",
      [userId],
    );
    const reader = await newReader();
    await reader.read();
    const generations: number[] = [];
    for (const sql of [
      "UPDATE authgraft.accounts SET disabled_at = now() WHERE user_id = $1",
      "UPDATE authgraft.accounts SET disabled_at = NULL, token_generation = 9 WHERE user_id = $1",
      "UPDATE authgraft.accounts SET token_generation = 2 WHERE user_id = $1",
      "UPDATE authgraft.accounts SET verified_at = now() WHERE user_id = $1",
      "DELETE FROM authgraft.accounts WHERE user_id = $1",
    ]) {
      await database.query(sql, [userId]);
      await reader.read();
      generations.push(reader.set.generationOf(userKey(userId)));
    }
    expect(generations).toEqual([4, 9, 10, 10, 10]);
  });

  test("the old id of a user who is given another one, whose tokens the database decides about", async () => {
    const { userId: id } = await newSession();
    const reader = await newReader();
    await reader.read();
    await database.query("UPDATE users SET id = id + 1000000 WHERE id = $1", [id]);
    await reader.read();
    expect(reader.set.generationOf(userKey(id))).toBe(EVERY_GENERATION);
  });

  test("a mark of the moment itself, whenever the transaction that truncates began", async () => {
    const alone = await createTestDatabase({ sample: "a", grafted: {} });
    const reader = await newReader(alone);
    const client = await alone.client();
    await client.query("BEGIN; SELECT 1");
    const { rows } = await alone.query<{ now: number }>(
      "SELECT extract(epoch FROM clock_timestamp())::float8 AS now FROM pg_sleep(0.2)",
    );
    await client.query("TRUNCATE users CASCADE; COMMIT");
    await reader.read();
    expect(reader.vouchedFrom).toBeGreaterThan(rows[0]?.now ?? Number.POSITIVE_INFINITY);
  });

  test("what has no expiry, for good", async () => {
    const alone = await createTestDatabase({ sample: "a", grafted: {} });
    await alone.query("ALTER TABLE revoked_tokens ALTER COLUMN expires_at DROP NOT NULL");
    const reader = await newReader(alone);
    await alone.query(
      "INSERT INTO revoked_tokens (jti, expires_at) VALUES ('never', NULL), ('ever', 'infinity')",
    );
    await reader.read();
    expect([reader.has("never"), reader.has("ever")]).toEqual([true, true]);
  });

  test("nothing to say against the old application where the database has no encoding", async () => {
    const administrator = await database.client(database.superuserUrl.replace(/\/[^/]*$/, "/postgres"));
    const name = `${database.name}_ascii`;
    await administrator.query(
      `CREATE DATABASE ${name} OWNER ${OWNER.name} ENCODING 'SQL_ASCII' LOCALE 'C' ${serverMajor() >= 15 ? "LOCALE_PROVIDER libc" : ""} TEMPLATE template0`,
    );
    const url = database.url.replace(/[^/]*$/, name);
    const client = await database.client(url);
    try {
      await client.query(
        "CREATE TABLE users (id text PRIMARY KEY DEFAULT gen_random_uuid(), username text UNIQUE NOT NULL)",
      );
      await client.query("INSERT INTO users VALUES (convert_from('\\xe9', 'SQL_ASCII'), 'odd')");
      expect((await up({ databaseUrl: url })).refusals).toEqual([]);
      await client.query("INSERT INTO authgraft.accounts (user_id, disabled_at) SELECT id, now() FROM users");
      await client.query("UPDATE users SET id = id || 'x'");
      expect((await client.query("DELETE FROM users")).rowCount).toBe(1);
    } finally {
      await client.end();
      await administrator.query(`DROP DATABASE ${name} WITH (FORCE)`);
    }
  });

  test("a mark before which it vouches for nothing when all sessions are truncated away", async () => {
    const alone = await createTestDatabase({ sample: "a", grafted: {} });
    const reader = await newReader(alone);
    await reader.read();
    const before = reader.vouchedFrom;
    await alone.query("TRUNCATE authgraft.sessions");
    await reader.read();
    expect(before).toBeGreaterThan(1_700_000_000);
    expect(reader.vouchedFrom).toBeGreaterThan(before);
    const fresh = await newReader(alone);
    await fresh.read();
    expect(fresh.vouchedFrom).toBe(reader.vouchedFrom);
  });

  test("no key that tells a jti, a session or a user, and nothing for whoever may not look", async () => {
    await revokeByHand(database, [newName("secret")]);
    const { rows } = await database.query<{ text: string }>(
      "SELECT string_agg(r::text, ' ') AS text FROM authgraft.revocations r",
    );
    expect(rows[0]?.text).not.toContain("secret");
    const role = await database.createRole("stranger");
    const stranger = await database.client(database.urlFor(role));
    await expect(stranger.query("SELECT FROM authgraft.revocations")).rejects.toThrow(/permission denied/);
  });

  test("what a role writes that may revoke a token and nothing else", async () => {
    const role = await database.createRole("revoker");
    await database.query(`GRANT INSERT ON revoked_tokens TO ${role.name}`);
    const client = await database.client(database.urlFor(role));
    const [jti, reader] = [newName("granted"), await newReader()];
    await reader.read();
    await revokeByHand(client, [jti]);
    await reader.read();
    expect(reader.has(jti)).toBe(true);
  });
});
