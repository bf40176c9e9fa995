import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseConfiguration } from "../../src/config/parse.ts";
import { rotateKeys } from "../../src/tokens/keys/rotate-keys.ts";
import { keyStore } from "../../src/tokens/stored-keys.ts";
import { type Answer, openAuth, TEST_SECRET, type TestAuth } from "../support/auth.ts";
import { graft } from "../support/graft.ts";
import { registerPerson } from "../support/person.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

const NEXT_SECRET = "pW7y-another-secret-Lr4u-only-for-tests-m2Nd";

let database: TestDatabase;
let auth: TestAuth;

beforeAll(async () => {
  database = await createTestDatabase({ sample: "a", grafted: {} });
  auth = await openAuth(database);
});
afterAll(() => auth.close());

const signedIn = () => registerPerson(auth);
const refresh = (refreshToken: unknown, on = auth) =>
  on.post("/v1/auth/refresh", { refresh_token: refreshToken });
const statusOf = async (token: string, on = auth) => (await on.get("/v1/users/me", { token })).status;

/** As if everything the session did had been so many seconds earlier. */
async function later(sessionId: string, seconds: number): Promise<void> {
  await database.query(
    `UPDATE authgraft.sessions SET used_refresh_hashes = (
       SELECT coalesce(jsonb_agg(jsonb_set(one, '{at}', to_jsonb((one->>'at')::float8 - $2 * 1000))), '[]') FROM jsonb_array_elements(used_refresh_hashes) one)
     WHERE id = $1`,
    [sessionId, seconds],
  );
}

const REFUSAL = { status: 401, body: { code: "invalid_token" } };

/** All that an answer says, but for when. */
/** All that an answer shows, save the number of the request. */
const said = ({ status, headers, text }: Answer) => ({
  ...{ status, text },
  headers: [...headers].filter(([name]) => name !== "x-request-id"),
});

describe("refreshing", () => {
  test("brings the next access token and the next refresh token, of the same session", async () => {
    const { refreshToken, sessionId, id, token, credentials } = await signedIn();
    const { status, body } = await refresh(refreshToken);
    expect(status).toBe(200);
    expect(Object.keys(body).sort()).toEqual(["refresh_token", "token", "user"]);
    expect(body.user).toMatchObject({ id, email: credentials.email });
    expect(decodeJwt(body.token)).toMatchObject({ sub: id, sid: sessionId, gen: 0 });
    expect(decodeJwt(body.token).jti).not.toBe(decodeJwt(token).jti);
    expect(await statusOf(body.token)).toBe(200);
    expect(await statusOf(token)).toBe(200);
    const next = await refresh(body.refresh_token);
    expect(next.status).toBe(200);
    expect(next.body.refresh_token).not.toBe(body.refresh_token);
  });

  test("reads the user anew each time", async () => {
    const { refreshToken, id } = await signedIn();
    await database.query("UPDATE users SET is_admin = true WHERE id = $1", [id]);
    expect((await refresh(refreshToken)).body.user.is_admin).toBe(true);
  });

  test("with the same token again, within ten seconds, brings the same successor", async () => {
    const { refreshToken, sessionId } = await signedIn();
    const first = (await refresh(refreshToken)).body.refresh_token;
    await later(sessionId, 9);
    const again = await refresh(refreshToken);
    expect(again).toMatchObject({ status: 200, body: { refresh_token: first } });
    expect(await statusOf(again.body.token)).toBe(200);
    const second = (await refresh(first)).body.refresh_token;
    for (const earlier of [refreshToken, first]) {
      expect((await refresh(earlier)).body.refresh_token).toBe(second);
    }
  });

  test.each([2, 20])(
    "%i times at once, on two servers, brings one successor to every caller (59)",
    async (times) => {
      const { refreshToken, sessionId } = await signedIn();
      const other = await openAuth(database);
      const answers = await Promise.all(
        Array.from({ length: times }, (_, n) => refresh(refreshToken, n % 2 === 0 ? auth : other)),
      );
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1);
      for (const { body } of answers) expect(await statusOf(body.token)).toBe(200);
      const { rows } = await database.query(
        "SELECT jsonb_array_length(used_refresh_hashes) AS used FROM authgraft.sessions WHERE id = $1",
        [sessionId],
      );
      expect(rows).toEqual([{ used: 1 }]);
    },
  );

  test("at once is served at every isolation level that a role may have for its own", async () => {
    const { refreshToken } = await signedIn();
    const pool = database.pool();
    pool.on("connect", (client) => client.query("SET default_transaction_isolation = 'serializable'"));
    const strict = await openAuth(database, { pool });
    const answers = await Promise.all([1, 2, 3, 4].map(() => refresh(refreshToken, strict)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });

  test("many times in a row keeps no more than the tokens of the last ten seconds", async () => {
    const { refreshToken, sessionId } = await signedIn();
    let current = refreshToken;
    for (let turn = 0; turn < 5; turn += 1) {
      current = (await refresh(current)).body.refresh_token;
      await later(sessionId, 6);
    }
    const { rows } = await database.query(
      "SELECT jsonb_array_length(used_refresh_hashes) AS used FROM authgraft.sessions WHERE id = $1",
      [sessionId],
    );
    expect(rows).toEqual([{ used: 2 }]);
  });
});

describe("a refresh token that is used again later", () => {
  test("ends the session with all its tokens, and the audit log says whose (58)", async () => {
    const { refreshToken, sessionId, id, token } = await signedIn();
    const { body } = await refresh(refreshToken);
    await later(sessionId, 11);
    const request = new Request("http://localhost/v1/auth/refresh", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ refresh_token: refreshToken }),
    });
    expect((await auth.fetch(request, { address: "192.0.2.7" })).status).toBe(401);
    expect(await refresh(body.refresh_token)).toMatchObject(REFUSAL);
    for (const old of [token, body.token]) expect(await statusOf(old)).toBe(401);
    const { rows } = await database.query(
      "SELECT event, user_id, session_id::text, address, detail FROM authgraft.audit_log WHERE session_id = $1",
      [sessionId],
    );
    expect(rows).toEqual([
      {
        ...{ event: "refresh_token_reused", user_id: id, session_id: sessionId },
        ...{ address: "192.0.2.7", detail: null },
      },
    ]);
  });

  test("however many came after it", async () => {
    const { refreshToken, sessionId } = await signedIn();
    let current = refreshToken;
    for (let turn = 0; turn < 4; turn += 1) {
      current = (await refresh(current)).body.refresh_token;
      await later(sessionId, 11);
    }
    expect(await refresh(refreshToken)).toMatchObject(REFUSAL);
    expect(await refresh(current)).toMatchObject(REFUSAL);
  });

  test("is written down once, and leaves the user's other sessions alone", async () => {
    const { refreshToken, sessionId, credentials } = await signedIn();
    const other = (await auth.post("/v1/auth/login", credentials)).body;
    await refresh(refreshToken);
    await later(sessionId, 11);
    await Promise.all([1, 2, 3, 4].map(() => refresh(refreshToken)));
    const { rowCount } = await database.query("SELECT FROM authgraft.audit_log WHERE session_id = $1", [
      sessionId,
    ]);
    expect(rowCount).toBe(1);
    expect(await statusOf(other.token)).toBe(200);
    expect((await refresh(other.refresh_token)).status).toBe(200);
  });
});

describe("a refresh token brings nothing, and whyever that is the answer is the same, when", () => {
  test.each([
    [
      "its session expires, however much it is used (60)",
      "UPDATE authgraft.sessions SET expires_at = now() WHERE user_id = $1",
    ],
    [
      "it was not used for 14 days",
      "UPDATE authgraft.sessions SET last_used_at = now() - interval '14 days 1 second' WHERE user_id = $1",
    ],
    ["its session has ended", "UPDATE authgraft.sessions SET ended_at = now() WHERE user_id = $1"],
    ["its session is gone", "DELETE FROM authgraft.sessions WHERE user_id = $1"],
    ["its session never had one", "UPDATE authgraft.sessions SET refresh_hash = NULL WHERE user_id = $1"],
    [
      "the account is disabled (62)",
      "INSERT INTO authgraft.accounts (user_id, disabled_at) VALUES ($1, now())",
    ],
    [
      "the user's token generation rises",
      "INSERT INTO authgraft.accounts (user_id, token_generation) VALUES ($1, 1)",
    ],
    ["the old application deletes the row (62)", "DELETE FROM users WHERE id = $1"],
  ])("%s", async (_, sql) => {
    const { refreshToken, id } = await signedIn();
    await database.query(sql, [id]);
    const answer = await refresh(refreshToken);
    expect(answer).toMatchObject(REFUSAL);
    expect(said(answer)).toEqual(said(await refresh("garbage")));
    expect(answer.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
  });

  test("the old application marks the row as deleted (62)", async () => {
    const marked = await createTestDatabase({ sample: "b" });
    await marked.query("ALTER TABLE users ADD COLUMN deleted_at timestamptz");
    await graft(marked);
    const own = await openAuth(marked);
    const person = {
      email: "ada@example.com",
      username: "ada-1815",
      display_name: "Ada",
      password: "correct horse",
    };
    const { body } = await own.post("/v1/auth/register", person);
    await marked.query("UPDATE users SET deleted_at = now() WHERE username = 'ada-1815'");
    expect(await refresh(body.refresh_token, own)).toMatchObject(REFUSAL);
  });

  test("it is an access token, as a refresh token is none (46)", async () => {
    const { token, refreshToken } = await signedIn();
    expect(await refresh(token)).toMatchObject(REFUSAL);
    expect(await statusOf(refreshToken)).toBe(401);
    for (const path of ["/v1/auth/logout", "/v1/auth/logout-all"]) {
      expect(await auth.post(path, undefined, { token: refreshToken })).toMatchObject(REFUSAL);
    }
    expect((await refresh(refreshToken)).status).toBe(200);
  });
});

describe("access tokens", () => {
  test("end with their session: none outlives it, whenever it was refreshed (60)", async () => {
    const { refreshToken, sessionId } = await signedIn();
    const { rows } = await database.query<{ end: string }>(
      "UPDATE authgraft.sessions SET expires_at = now() + interval '1 minute' WHERE id = $1 RETURNING floor(extract(epoch FROM expires_at))::text AS end",
      [sessionId],
    );
    const { token } = (await refresh(refreshToken)).body;
    expect(decodeJwt(token).exp).toBe(Number(rows[0]?.end));
  });

  test("are not valid for longer than a session that nobody uses", async () => {
    const brief = await openAuth(database, { configuration: { sessions: { idleSeconds: 300 } } });
    const { credentials } = await signedIn();
    const { token } = (await brief.post("/v1/auth/login", credentials)).body;
    const { exp = 0, iat = 0 } = decodeJwt(token);
    expect(exp - iat).toBe(300);
  });
});

describe("what is stored", () => {
  test("is the hash of one refresh token, and those of the last ten seconds: no token, nor its secret part (61)", async () => {
    const { refreshToken, sessionId } = await signedIn();
    const next = (await refresh(refreshToken)).body.refresh_token;
    const { rows } = await database.query<{ row: string }>(
      "SELECT s::text || encode(refresh_hash, 'base64') AS row FROM authgraft.sessions s WHERE id = $1",
      [sessionId],
    );
    const row = String(rows[0]?.row);
    for (const token of [refreshToken, next]) {
      const secret = Buffer.from(token.slice(4), "base64url").subarray(16, 48);
      for (const encoding of ["hex", "base64", "base64url"] as const) {
        expect(row).not.toContain(secret.toString(encoding));
      }
      expect(row).not.toContain(token.slice(4, 40));
    }
  });

  test("says when tokens of the session expire, and when it was used", async () => {
    const { refreshToken, sessionId } = await signedIn();
    await database.query(
      "UPDATE authgraft.sessions SET last_used_at = now() - interval '1 day', token_expires_at = now() WHERE id = $1",
      [sessionId],
    );
    const { exp } = decodeJwt((await refresh(refreshToken)).body.token);
    const { rows } = await database.query(
      "SELECT token_expires_at = to_timestamp($2::float8 + 5) AS expires, last_used_at > now() - interval '1 hour' AS used FROM authgraft.sessions WHERE id = $1",
      [sessionId, exp],
    );
    expect(rows).toEqual([{ expires: true, used: true }]);
  });
});

test("logging out with an access token that is over and a refresh token that is not ends the session all the same", async () => {
  const { refreshToken } = await signedIn();
  const answer = await auth.post(
    "/v1/auth/logout",
    { refresh_token: refreshToken },
    { token: "eyJhbGciOiJFUzI1NiJ9.e30.over" },
  );
  expect(answer.status).toBe(204);
  expect((await refresh(refreshToken)).status).toBe(401);
  expect((await auth.post("/v1/auth/logout", undefined, { token: "x" })).status).toBe(401);
});

describe("when the secret changes", () => {
  test("refresh tokens made under it go on when it has gone, also where servers change one after the other", async () => {
    const [before, after] = [
      "before-it-was-changed-8Jq2-not-real-Zx91",
      "after-it-was-changed-5Rt7-not-real-Wm83",
    ];
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const old = await openAuth(database, { secret: before });
    const both = await openAuth(database, { secret: [after, before] });
    const person = { email: "ada@example.com", username: "ada-1815", password: "correct horse" };
    const first = (await old.post("/v1/auth/register", person)).body.refresh_token;
    const second = (await both.post("/v1/auth/refresh", { refresh_token: first })).body.refresh_token;
    const third = await old.post("/v1/auth/refresh", { refresh_token: second });
    expect(third.status).toBe(200);
    const rotation = { isCompromised: true, leadSeconds: 0, graceSeconds: 0 };
    await rotateKeys(keyStore(database.pool(), parseConfiguration({}), [after, before]), rotation, Date.now);
    const only = await openAuth(database, { secret: after });
    const fourth = await only.post("/v1/auth/refresh", { refresh_token: third.body.refresh_token });
    expect(fourth.status).toBe(200);
  });

  test("refresh tokens made under the old one go on, and repeats across the change bring the same successor", async () => {
    const { refreshToken } = await signedIn();
    const after = await openAuth(database, { secret: [NEXT_SECRET, TEST_SECRET] });
    const before = (await refresh(refreshToken)).body.refresh_token;
    expect((await refresh(refreshToken, after)).body.refresh_token).toBe(before);
    const next = (await refresh(before, after)).body.refresh_token;
    expect((await refresh(before, after)).body.refresh_token).toBe(next);
    const announced = await openAuth(database, { secret: [TEST_SECRET, NEXT_SECRET] });
    expect((await refresh(before, announced)).body.refresh_token).toBe(next);
    expect((await refresh(next, announced)).status).toBe(200);
  });
});
