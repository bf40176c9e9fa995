import { hashSync } from "@node-rs/bcrypt";
import { decodeJwt } from "jose";
import { expect, test } from "vitest";
import { up } from "../../src/migration/up.ts";
import { openAuth } from "../support/auth.ts";
import { eventually } from "../support/eventually.ts";
import { createTestDatabase } from "../support/postgres.ts";

const PASSWORD = "correct horse";
const GRACE = { email: "grace@navy.example", username: "grace-h", display_name: "Grace", password: PASSWORD };

test("every route is served by a role that was granted what the plan grants a server", async () => {
  const database = await createTestDatabase({ sample: "b" });
  const role = await database.createRole("server");
  const configuration = { serverRole: role.name };
  expect((await up({ databaseUrl: database.superuserUrl, configuration })).state).toBe("applied");
  const pool = database.pool({ url: database.urlFor(role) });
  const auth = await openAuth(database, { configuration, pool });

  const { token, refresh_token: first } = (await auth.post("/v1/auth/register", GRACE)).body;
  expect((await auth.get("/v1/users/me", { token })).status).toBe(200);
  await database.query("UPDATE users SET password_hash = $1 WHERE username = $2", [
    hashSync(PASSWORD, { cost: 10 }),
    GRACE.username,
  ]);
  const login = await auth.post("/v1/auth/login", { email: GRACE.email, password: PASSWORD });
  expect(login.status).toBe(200);
  const start = async () =>
    (
      await database.query<{ start: string }>(
        "SELECT left(password_hash, 9) AS start FROM users WHERE username = $1",
        [GRACE.username],
      )
    ).rows[0]?.start;
  await eventually(start).toBe("$argon2id");
  const refresh = async (refreshToken: string) =>
    auth.post("/v1/auth/refresh", { refresh_token: refreshToken });
  const next = (await refresh(first)).body;
  expect((await auth.get("/v1/users/me/sessions", { token })).body.sessions).toHaveLength(2);
  const headers = { authorization: `Bearer ${token}` };
  const other = `/v1/users/me/sessions/${decodeJwt(login.body.token).sid}`;
  expect((await auth.send(other, { method: "DELETE", headers })).status).toBe(204);
  const form = new URLSearchParams({ token: next.token });
  expect((await auth.send("/oauth/revoke", { method: "POST", body: form })).status).toBe(200);
  await database.query("UPDATE authgraft.sessions SET used_refresh_hashes = '[]'");
  expect((await refresh(first)).status).toBe(401);
  expect(
    (await database.query("SELECT FROM authgraft.audit_log WHERE event = 'refresh_token_reused'")).rowCount,
  ).toBe(1);
  const last = (await auth.post("/v1/auth/login", { email: GRACE.email, password: PASSWORD })).body;
  for (const keep of [true, false]) {
    const answer = await auth.post("/v1/auth/logout-all", { keep_current: keep }, { token: last.token });
    expect(answer.status).toBe(204);
  }
  expect((await auth.post("/v1/auth/logout", undefined, { token })).status).toBe(204);
  expect((await auth.get("/v1/users/me", { token })).status).toBe(401);
  expect((await auth.get("/readyz")).status).toBe(200);
  expect(await auth.findRevokedToken(String(decodeJwt(token).jti))).toMatchObject({
    user: { username: GRACE.username },
  });
});
