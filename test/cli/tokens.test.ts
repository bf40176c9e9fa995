import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { revokeTokenById, revokeUserById } from "../../src/accounts/revoke-by-operator.ts";
import { describeUsersTable } from "../../src/accounts/users-table.ts";
import { tokensPurge } from "../../src/cli/commands/tokens-purge.ts";
import { createTerminal } from "../../src/cli/terminal.ts";
import { parseConfiguration } from "../../src/config/parse.ts";
import { inspect } from "../../src/migration/status.ts";
import { eventually } from "../support/eventually.ts";
import { graft } from "../support/graft.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { authgraft } from "./command-line.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.query(
    "CREATE TABLE users (id bigserial PRIMARY KEY, username varchar(30) UNIQUE); INSERT INTO users (username) VALUES ('ada'), ('grace')",
  );
  await graft(database);
});

beforeEach(async () => {
  await database.query(
    "DELETE FROM revoked_tokens; DELETE FROM authgraft.sessions; DELETE FROM authgraft.accounts; DELETE FROM authgraft.revocations",
  );
});

/** No secret is in its environment. */
const run = (...args: string[]) => authgraft(["tokens", ...args, "--database-url", database.url]);

async function rowsOf(text: string) {
  return (await database.query(text)).rows;
}

/** A session that goes on, with a token that lives. */
async function startSession(user: number): Promise<string> {
  const id = randomUUID();
  await database.query(
    `INSERT INTO authgraft.sessions (id, user_id, expires_at, token_expires_at)
     VALUES ($1, $2, now() + interval '90 days', now() + interval '15 minutes')`,
    [id, user],
  );
  return id;
}

/** The servers' feed: what is refused from now on. */
function revoked(text: string): Promise<unknown[]> {
  return rowsOf(
    `SELECT generation FROM authgraft.revocations
      WHERE key = substr(sha256(convert_to('${text}', 'UTF8')), 1, 16) AND expires_at > now()`,
  );
}

/** What servers that listen are told. */
async function listen(): Promise<string[]> {
  const told: string[] = [];
  const listener = await database.client();
  listener.on("notification", ({ channel }) => void told.push(channel));
  await listener.query("LISTEN authgraft_authgraft");
  return told;
}

describe("tokens revoke", () => {
  test("--token-id refuses one token for as long as any could live, and servers are told", async () => {
    const told = await listen();
    const first = await run("revoke", "--token-id", "jti-1", "--json");
    expect([first.code, first.json()]).toEqual([0, { state: "revoked", token_id: "jti-1" }]);
    await eventually(() => told).toEqual(["authgraft_authgraft"]);
    const again = await run("revoke", "--token-id", "jti-1", "--json");
    expect([again.code, again.json()]).toEqual([0, { state: "unchanged", token_id: "jti-1" }]);
    expect(
      await rowsOf(
        "SELECT jti, user_id, extract(epoch FROM expires_at - revoked_at)::int AS life FROM revoked_tokens",
      ),
    ).toEqual([{ jti: "jti-1", user_id: null, life: 86_405 }]);
    expect(await revoked("jti jti-1")).toHaveLength(1);
  });

  test("--session ends one session, and doing it again changes nothing", async () => {
    const [session, other] = [await startSession(1), await startSession(1)];
    const ended = await run("revoke", "--session", session, "--json");
    expect(ended.json()).toEqual({ state: "revoked", session_id: session, user_id: "1" });
    const before = await rowsOf("SELECT ended_at FROM authgraft.sessions ORDER BY ended_at");
    const again = await run("revoke", "--session", session.toUpperCase(), "--json");
    expect([again.code, again.json()]).toEqual([
      0,
      { state: "unchanged", session_id: session, user_id: "1" },
    ]);
    expect(await rowsOf("SELECT ended_at FROM authgraft.sessions ORDER BY ended_at")).toEqual(before);
    expect([await revoked(`sid ${session}`), await revoked(`sid ${other}`)]).toEqual([
      [expect.anything()],
      [],
    ]);
  });

  test("--user ends all that the user has, and nothing of anybody else's", async () => {
    const sessions = [await startSession(1), await startSession(1)];
    await startSession(2);
    const first = await run("revoke", "--user", "1", "--json");
    expect([first.code, first.json()]).toEqual([0, { state: "revoked", user_id: "1", sessions: 2 }]);
    expect((await run("revoke", "--user", "1", "--json")).json()).toMatchObject({ sessions: 0 });
    expect(await rowsOf("SELECT user_id, token_generation FROM authgraft.accounts")).toEqual([
      { user_id: "1", token_generation: 2 },
    ]);
    expect(await rowsOf("SELECT user_id FROM authgraft.sessions WHERE ended_at IS NULL")).toEqual([
      { user_id: "2" },
    ]);
    expect(await revoked("sub 1")).toHaveLength(2);
    for (const session of sessions) expect(await revoked(`sid ${session}`)).toHaveLength(1);
  });

  test("says to a person what it did", async () => {
    const session = await startSession(2);
    const outcomes = await Promise.all([
      run("revoke", "--token-id", "jti-2"),
      run("revoke", "--session", session),
      run("revoke", "--user", "1"),
    ]);
    expect(outcomes.map(({ stdout }) => stdout)).toEqual([
      "Done: the token is revoked.\n",
      "Done: the session of user 2 is ended.\n",
      "Done: all tokens of user 1 are revoked, and 0 sessions ended.\n",
    ]);
  });

  test("a session or a user that is not there: 3, and nothing is changed", async () => {
    const unknown = await Promise.all([
      run("revoke", "--session", randomUUID(), "--json"),
      run("revoke", "--session", "no-uuid", "--json"),
      run("revoke", "--user", "3", "--json"),
      run("revoke", "--user", "ada", "--json"),
      run("revoke", "--user", "99999999999999999999", "--json"),
    ]);
    expect(unknown.map((one) => [one.code, one.json().error.code])).toEqual([
      ...Array.from({ length: 2 }, () => [3, "session_unknown"]),
      ...Array.from({ length: 3 }, () => [3, "user_unknown"]),
    ]);
    expect(unknown[2]?.said).toContain("There is no such user; nothing was changed.");
    expect(await rowsOf("SELECT FROM authgraft.accounts")).toEqual([]);
  });

  test("none of the options, two of them, or what no token has as its jti: 2", async () => {
    const wrong = await Promise.all([
      run("revoke", "--json"),
      run("revoke", "--user", "1", "--session", randomUUID(), "--json"),
      run("revoke", "--token-id", "", "--json"),
      run("revoke", "--token-id", "canary-".repeat(40), "--json"),
    ]);
    expect(wrong.map((one) => [one.code, one.json().error.code])).toEqual(
      wrong.map(() => [2, "usage_invalid"]),
    );
    expect(wrong[1]?.said).toContain("Say exactly one of --token-id, --session and --user.");
    // It may be a whole token, by mistake.
    expect(wrong[3]?.stdout).not.toContain("canary");
    expect((await run("revoke", "--token-id", "ä".repeat(255))).code).toBe(0);
    expect(await rowsOf("SELECT FROM revoked_tokens")).toHaveLength(1);
  });
});

describe("what a command line cannot bring about", () => {
  async function operator() {
    const configuration = parseConfiguration({});
    const { situation } = await inspect({ databaseUrl: database.url, configuration });
    const table = describeUsersTable(situation.users, situation.mapping, configuration.schema);
    return { pool: database.pool(), table, configuration };
  }

  test("a jti with a NUL is wrong usage too", async () => {
    await expect(revokeTokenById(await operator(), "a\0b")).rejects.toMatchObject({ code: "usage_invalid" });
  });

  test("a user who is just being deleted is waited for, and is no user then", async () => {
    await database.query("INSERT INTO users (id, username) VALUES (7, 'lovelace')");
    await Promise.all([startSession(7), startSession(7)]);
    const context = await operator();
    await revokeUserById(context, "7");
    const application = await database.client();
    await application.query("BEGIN; DELETE FROM users WHERE id = 7");
    const revoking = expect(revokeUserById(context, "7")).rejects.toMatchObject({ code: "user_unknown" });
    const waiting =
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    await eventually(() => rowsOf(waiting)).toHaveLength(1);
    await application.query("COMMIT");
    await revoking;
  });
});

describe("tokens purge", () => {
  test("that is interrupted says how far it got", async () => {
    const context = {
      ...{ databaseUrl: database.url, configuration: parseConfiguration({}), environment: {} },
      ...{ terminal: createTerminal(), json: false, yes: false, signal: AbortSignal.abort() },
    };
    await expect(tokensPurge(context)).rejects.toMatchObject({
      code: "interrupted",
      message: "Interrupted; 0 rows that had expired are deleted.",
    });
  });

  test("deletes what has expired until nothing is left, and counts it by table", async () => {
    await database.query(
      `INSERT INTO revoked_tokens (jti, expires_at) SELECT n, now() - interval '1 hour' FROM generate_series(1, 2100) n;
       INSERT INTO revoked_tokens (jti, expires_at) VALUES ('lives', now() + interval '1 hour');
       INSERT INTO authgraft.sessions (user_id, expires_at, token_expires_at)
       VALUES (1, now() - interval '2 days', now() - interval '2 days')`,
    );
    await database.query(
      `INSERT INTO authgraft.one_time_tokens (purpose, token_hash, expires_at) VALUES ('register', '\\x01', now());
       INSERT INTO authgraft.mail_queue (sealed, expires_at) VALUES ('too late', now());
       INSERT INTO authgraft.rate_limits (key, expire) VALUES ('of 1970', 0);
       INSERT INTO authgraft.audit_log (event, occurred_at) VALUES ('login', now() - interval '100 years')`,
    );
    const purged = await run("purge", "--json");
    const rows = {
      ...{ revoked_tokens: 2_100, revocations: 0, sessions: 1 },
      ...{ one_time_tokens: 1, mail_queue: 1, rate_limits: 1 },
    };
    expect([purged.code, purged.json()]).toEqual([0, { state: "purged", rows }]);
    expect((await run("purge")).stdout).toBe("Nothing to purge.\n");
    await database.query("UPDATE revoked_tokens SET expires_at = now() - interval '1 hour'");
    await database.query("UPDATE authgraft.revocations SET expires_at = now() - interval '1 hour'");
    expect((await run("purge")).stdout).toBe(
      "Done: deleted 1 row of revoked_tokens, 1 row of revocations.\n",
    );
  });
});

test("a database that is not grafted: 3, for both", async () => {
  const bare = await createTestDatabase({ sample: "a" });
  const url = ["--database-url", bare.url, "--json"];
  const refused = await Promise.all([
    authgraft(["tokens", "purge", ...url]),
    authgraft(["tokens", "revoke", "--user", "1", ...url]),
  ]);
  expect(refused.map((one) => [one.code, one.json().error.code])).toEqual(
    refused.map(() => [3, "not_grafted"]),
  );
});

test("no database there: 1, and says where", async () => {
  const nowhere = await authgraft([
    "tokens",
    "purge",
    "--database-url",
    "postgres://ada:canary@127.0.0.1:1/shop",
  ]);
  expect(nowhere.code).toBe(1);
  expect(nowhere.said).toContain("No PostgreSQL answers at ada@127.0.0.1:1/shop");
  expect(nowhere.said).not.toContain("canary");
});
