import { describe, expect, test } from "vitest";
import { type Answer, openAuth, type TestAuth } from "../support/auth.ts";
import {
  configurationOf,
  createGeneratedTable,
  namesOf,
  type TableShape,
} from "../support/generated-table.ts";
import { graft } from "../support/graft.ts";
import { createTestDatabase } from "../support/postgres.ts";

const PASSWORD = "correct horse";
const GRACE = { email: "Grace.H@Navy.Example", username: "grace-h", password: PASSWORD };

/** Registers, and then lives through all that a person can do; answers with the user. */
async function goThrough(auth: TestAuth, registration: Record<string, string>): Promise<Answer["body"]> {
  const registered = await auth.post("/v1/auth/register", registration);
  expect(registered).toMatchObject({ status: 201 });
  const { user, token } = registered.body;
  expect(Object.keys(registered.body)).toEqual(["token", "user", "refresh_token"]);

  const byEmail = await auth.post("/v1/auth/login", { email: "gRACE.h@nAVY.eXAMPLE", password: PASSWORD });
  const byUsername = await auth.post("/v1/auth/login", { username: GRACE.username, password: PASSWORD });
  for (const login of [byEmail, byUsername]) expect(login).toMatchObject({ status: 200, body: { user } });

  for (const one of [token, byEmail.body.token, byUsername.body.token]) {
    expect(await auth.get("/v1/users/me", { token: one })).toMatchObject({ status: 200, body: { user } });
  }
  expect(await auth.post("/v1/auth/logout", undefined, { token })).toMatchObject({ status: 204, text: "" });
  expect(await auth.get("/v1/users/me", { token })).toMatchObject({ status: 401 });
  expect(await auth.get("/v1/users/me", { token: byEmail.body.token })).toMatchObject({ status: 200 });
  return user;
}

describe("a person who registers after the graft signs in, and their token can be revoked", () => {
  test("on sample A, which has usernames only", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const user = await goThrough(await openAuth(database), GRACE);
    expect(user).toEqual({
      id: expect.stringMatching(/^\d+$/),
      username: "grace-h",
      email: "Grace.H@Navy.Example",
      is_admin: false,
      email_verified: false,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    const row = await database.query(
      "SELECT now() - created_at < interval '1 hour' AS fresh FROM users WHERE id = $1",
      [user.id],
    );
    expect(row.rows).toEqual([{ fresh: true }]);
  });

  test("on sample B, which has OAuth accounts only", async () => {
    const database = await createTestDatabase({ sample: "b", grafted: {} });
    const user = await goThrough(await openAuth(database), { ...GRACE, display_name: "Grace Hopper" });
    expect(user).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      display_name: "Grace Hopper",
      auth_provider: "email",
    });
    const row = await database.query(
      "SELECT auth_provider, auth_provider_id, role FROM users WHERE id = $1",
      [user.id],
    );
    expect(row.rows).toEqual([{ auth_provider: "email", auth_provider_id: null, role: "user" }]);
  });

  const shapes: readonly TableShape[] = [
    { key: "integer", schema: "other", names: "plain", email: "nullable" },
    { key: "integer", schema: "other", names: "quoted", email: "nullable" },
    { key: "bigint", schema: "other", names: "quoted", email: "required" },
    { key: "bigint", schema: "public", names: "plain", email: "none" },
    { key: "uuid", schema: "other", names: "quoted", email: "none" },
    { key: "varchar(26)", schema: "other", names: "quoted", email: "nullable" },
    { key: "varchar(26)", schema: "public", names: "plain", email: "required" },
  ];

  test.each(shapes)(
    "on a table with a $key key, $names names, schema $schema, email $email",
    async (shape) => {
      const database = await createTestDatabase();
      const names = namesOf(shape);
      const configuration = configurationOf(names);
      await createGeneratedTable(database, shape, names);
      await graft(database, configuration);
      const auth = await openAuth(database, { configuration });
      const user = await goThrough(auth, GRACE);
      if (shape.key === "bigint") expect(BigInt(user.id) > 2n ** 53n).toBe(true);
      const claims = await auth.verify(
        (await auth.post("/v1/auth/login", { username: GRACE.username, password: PASSWORD })).body.token,
      );
      expect(claims.userId).toBe(user.id);
    },
  );
});

test("ids below zero, of a smallint that counts down, sign in like any other", async () => {
  const database = await createTestDatabase();
  await database.query(`CREATE TABLE users (
    id smallint GENERATED ALWAYS AS IDENTITY (INCREMENT BY -1 START WITH -32767) PRIMARY KEY, username text UNIQUE NOT NULL)`);
  await graft(database);
  expect((await goThrough(await openAuth(database), GRACE)).id).toBe("-32767");
});

test("neighbouring ids past 2^53, which are one number to JavaScript, stay two users everywhere", async () => {
  const database = await createTestDatabase();
  await database.query(`
    CREATE TABLE users (id bigint GENERATED BY DEFAULT AS IDENTITY (START 9007199254740992) PRIMARY KEY,
      username varchar(50) UNIQUE NOT NULL, created_at timestamptz NOT NULL DEFAULT now())`);
  await graft(database);
  const auth = await openAuth(database);
  const answers = [];
  for (const name of ["first", "second"]) {
    answers.push(
      await auth.post("/v1/auth/register", {
        email: `${name}@example.com`,
        username: name,
        password: PASSWORD,
      }),
    );
  }
  expect(answers.map(({ body }) => body.user.id)).toEqual(["9007199254740992", "9007199254740993"]);
  const [first, second] = answers.map(({ body }) => body.token);
  await auth.post("/v1/auth/logout", undefined, { token: second });
  const { rows } = await database.query("SELECT user_id::text FROM revoked_tokens");
  expect(rows).toEqual([{ user_id: "9007199254740993" }]);
  expect((await auth.get("/v1/users/me", { token: first })).body.user.id).toBe("9007199254740992");
  expect((await auth.get("/v1/users/me", { token: second })).status).toBe(401);
});
