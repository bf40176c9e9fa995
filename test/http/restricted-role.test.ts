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

  const { token } = (await auth.post("/v1/auth/register", GRACE)).body;
  expect((await auth.get("/v1/users/me", { token })).status).toBe(200);
  await database.query("UPDATE users SET password_hash = $1 WHERE username = $2", [
    hashSync(PASSWORD, { cost: 10 }),
    GRACE.username,
  ]);
  expect((await auth.post("/v1/auth/login", { email: GRACE.email, password: PASSWORD })).status).toBe(200);
  const start = async () =>
    (
      await database.query<{ start: string }>(
        "SELECT left(password_hash, 9) AS start FROM users WHERE username = $1",
        [GRACE.username],
      )
    ).rows[0]?.start;
  await eventually(start).toBe("$argon2id");
  expect((await auth.post("/v1/auth/logout", undefined, { token })).status).toBe(204);
  expect((await auth.get("/v1/users/me", { token })).status).toBe(401);
  expect((await auth.get("/readyz")).status).toBe(200);
  expect(await auth.findRevokedToken(String(decodeJwt(token).jti))).toMatchObject({
    user: { username: GRACE.username },
  });
});
