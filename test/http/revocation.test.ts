import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { down } from "../../src/migration/down.ts";
import { up } from "../../src/migration/up.ts";
import { openAuth, type TestAuth } from "../support/auth.ts";
import { eventually } from "../support/eventually.ts";
import { resign, signingKeyOf } from "../support/forge.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

const PASSWORD = "correct horse";

interface SignedIn {
  readonly database: TestDatabase;
  readonly auth: TestAuth;
  readonly token: string;
  readonly id: string;
  readonly credentials: { readonly email: string; readonly password: string };
}

let shared: { readonly database: TestDatabase; readonly auth: TestAuth };
let made = 0;

beforeAll(async () => {
  const database = await createTestDatabase({ sample: "a", grafted: {} });
  shared = { database, auth: await openAuth(database) };
});
afterAll(() => shared.auth.close());

/** A new user with a token; on a database of their own where the test is about to break it. */
async function signedIn(where: "shared" | "alone" = "shared"): Promise<SignedIn> {
  const { database, auth } = where === "shared" ? shared : await alone();
  made += 1;
  const credentials = { email: `person-${made}@example.com`, password: PASSWORD };
  const { body } = await auth.post("/v1/auth/register", { ...credentials, username: `person-${made}` });
  return { database, auth, token: body.token, id: body.user.id, credentials };
}

async function alone() {
  const database = await createTestDatabase({ sample: "a", grafted: {} });
  return { database, auth: await openAuth(database) };
}

const statusOf = async (auth: TestAuth, token: string) => (await auth.get("/v1/users/me", { token })).status;
const logout = (auth: TestAuth, token?: string) =>
  auth.post("/v1/auth/logout", undefined, token === undefined ? {} : { token });

describe("logging out", () => {
  test("ends this token and session alone, on every server at once (52, 53)", async () => {
    const { database, auth, token, id, credentials } = await signedIn();
    const second = await openAuth(database);
    const other = (await auth.post("/v1/auth/login", credentials)).body.token;
    expect((await logout(auth, token)).status).toBe(204);
    for (const server of [auth, second]) {
      expect(await statusOf(server, token)).toBe(401);
      expect(await statusOf(server, other)).toBe(200);
    }
    const { rows } = await database.query(
      `SELECT (SELECT count(*)::int FROM authgraft.sessions WHERE user_id = $1 AND ended_at IS NULL) AS open,
              (SELECT count(*)::int FROM revoked_tokens WHERE user_id = $1) AS revoked`,
      [id],
    );
    expect(rows).toEqual([{ open: 1, revoked: 1 }]);
  });

  test("again, or twenty times at once, is the same as once (54)", async () => {
    const { database, auth, token, id } = await signedIn();
    const answers = await Promise.all(Array.from({ length: 20 }, () => logout(auth, token)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
    expect((await logout(auth, token)).status).toBe(204);
    expect((await database.query("SELECT FROM revoked_tokens WHERE user_id = $1", [id])).rowCount).toBe(1);
  });

  test("takes a token that is ours, and no other", async () => {
    const { database, auth, token, id } = await signedIn();
    const { privateKey } = await signingKeyOf(database);
    const expired = await resign(token, privateKey, { claims: { exp: 1_000_000_000 } });
    const foreign = await resign(token, privateKey, { claims: { sub: "no id of this table" } });
    for (const bad of [undefined, "x", `${token}x`, expired, foreign]) {
      expect(await logout(auth, bad)).toMatchObject({ status: 401, body: { code: "invalid_token" } });
    }
    expect((await database.query("SELECT FROM revoked_tokens WHERE user_id = $1", [id])).rowCount).toBe(0);
    expect(await statusOf(auth, token)).toBe(200);
  });
});

describe("a token ends at once when", () => {
  test.each([
    [
      "its jti is put into revoked_tokens by hand (A10)",
      "INSERT INTO revoked_tokens (user_id, jti, expires_at) VALUES ($1, $2, now() + interval '1 hour')",
    ],
    [
      "its session is ended",
      "UPDATE authgraft.sessions SET ended_at = now() WHERE user_id = $1 AND $2 <> ''",
    ],
    [
      "its session expires",
      "UPDATE authgraft.sessions SET expires_at = now() WHERE user_id = $1 AND $2 <> ''",
    ],
    ["its session is deleted", "DELETE FROM authgraft.sessions WHERE user_id = $1 AND $2 <> ''"],
    [
      "the account is disabled (62)",
      "INSERT INTO authgraft.accounts (user_id, disabled_at) SELECT $1, now() WHERE $2 <> ''",
    ],
    [
      "the user's token generation rises",
      "INSERT INTO authgraft.accounts (user_id, token_generation) SELECT $1, 1 WHERE $2 <> ''",
    ],
    ["the old application deletes the row (62)", "DELETE FROM users WHERE id = $1 AND $2 <> ''"],
  ])("%s", async (_, sql) => {
    const { database, auth, token, id } = await signedIn();
    expect(await statusOf(auth, token)).toBe(200);
    await database.query(sql, [id, decodeJwt(token).jti]);
    expect(await statusOf(auth, token)).toBe(401);
  });

  test("and the next login after a raised generation is of the new one", async () => {
    const { database, auth, id, credentials } = await signedIn();
    await database.query("INSERT INTO authgraft.accounts (user_id, token_generation) VALUES ($1, 41)", [id]);
    const { token } = (await auth.post("/v1/auth/login", credentials)).body;
    expect(decodeJwt(token).gen).toBe(41);
    expect(await statusOf(auth, token)).toBe(200);
  });
});

describe("a revoked token as a row (A6)", () => {
  test("is read with the user whose it was, and every id is a text", async () => {
    const { auth, token, id, credentials } = await signedIn();
    const jti = String(decodeJwt(token).jti);
    expect(await auth.findRevokedToken(jti)).toBeNull();
    await logout(auth, token);
    expect(await auth.findRevokedToken(jti)).toEqual({
      id: expect.stringMatching(/^\d+$/),
      user_id: id,
      jti,
      revoked_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      expires_at: new Date(Number(decodeJwt(token).exp) * 1000).toISOString(),
      user: expect.objectContaining({ id, email: credentials.email, is_admin: false }),
    });
  });

  test("outlives its user, whom it names no more", async () => {
    const { database, auth, token, id } = await signedIn();
    await logout(auth, token);
    await database.query("DELETE FROM users WHERE id = $1", [id]);
    expect(await auth.findRevokedToken(String(decodeJwt(token).jti))).toMatchObject({
      user_id: null,
      user: null,
    });
  });
});

const GRACE = { email: "grace@example.com", username: "grace", password: PASSWORD };

describe("when the database cannot say whether a token is valid, the answer is 503, never 200 or 401 (57)", () => {
  async function expect503(auth: TestAuth, token: string, code = "database_unreachable"): Promise<void> {
    const answer = await auth.get("/v1/users/me", { token });
    expect(answer).toMatchObject({ status: 503, body: { status: 503, code } });
    expect(answer.headers.get("retry-after")).toBe("1");
  }

  test("because revoked_tokens cannot be read", async () => {
    const { database, auth, token } = await signedIn("alone");
    await database.query("ALTER TABLE revoked_tokens RENAME TO elsewhere");
    await expect503(auth, token, "not_grafted");
    await database.query("ALTER TABLE elsewhere RENAME TO revoked_tokens");
    expect(await statusOf(auth, token)).toBe(200);
  });

  test("because the graft was taken out under the server, which says so until it is back", async () => {
    const { database, auth, token, credentials } = await signedIn("alone");
    await down({ databaseUrl: database.url, archive: true });
    await expect503(auth, token, "not_grafted");
    for (const path of ["/v1/auth/login", "/v1/auth/register"]) {
      const answer = await auth.post(
        path,
        path.endsWith("login") ? credentials : { ...credentials, username: "late" },
      );
      expect(answer).toMatchObject({ status: 503, body: { code: "not_grafted" } });
    }
    await up({ databaseUrl: database.url, restore: true });
    expect(await statusOf(auth, token)).toBe(200);
  });

  test("because a statement is cancelled", async () => {
    const { database, auth, token } = await signedIn("alone");
    const client = await database.client();
    await client.query("BEGIN; LOCK TABLE revoked_tokens IN ACCESS EXCLUSIVE MODE");
    const refused = expect503(auth, token);
    const cancel =
      "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    await eventually(async () => (await client.query(cancel)).rowCount).toBe(1);
    await refused;
    await client.query("ROLLBACK");
    expect(await statusOf(auth, token)).toBe(200);
  });

  test("because every connection was terminated and none is let in; it recovers by itself (82)", async () => {
    const { database, auth, token, credentials } = await signedIn("alone");
    const administrator = await database.client(database.superuserUrl.replace(/\/[^/]*$/, "/postgres"));
    await administrator.query(`ALTER DATABASE ${database.name} ALLOW_CONNECTIONS false`);
    await administrator.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [
      database.name,
    ]);
    await expect503(auth, token);
    for (const answer of [
      await auth.post("/v1/auth/login", credentials),
      await auth.post("/v1/auth/register", GRACE),
      await logout(auth, token),
      await auth.get("/readyz"),
    ]) {
      expect(answer.status).toBe(503);
    }
    expect((await auth.get("/healthz")).status).toBe(200);
    await administrator.query(`ALTER DATABASE ${database.name} ALLOW_CONNECTIONS true`);
    await eventually(() => statusOf(auth, token)).toBe(200);
    expect((await auth.get("/readyz")).status).toBe(200);
  });

  test("because the connection dies in the middle of a registration, which then leaves nothing behind", async () => {
    const { database, auth } = await signedIn("alone");
    const client = await database.client();
    await client.query("BEGIN; LOCK TABLE authgraft.sessions IN EXCLUSIVE MODE");
    const registering = auth.post("/v1/auth/register", GRACE);
    const waiting =
      "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    await eventually(async () => (await client.query(waiting)).rowCount).toBe(1);
    await client.query(`SELECT pg_terminate_backend(pid) FROM (${waiting}) w`);
    expect((await registering).status).toBe(503);
    await client.query("ROLLBACK");
    expect((await database.query("SELECT FROM users WHERE username = 'grace'")).rowCount).toBe(0);
  });
});
