import pg from "pg";
import { afterEach, describe, expect, test } from "vitest";
import {
  type Auth,
  AuthgraftError,
  createAuth,
  DatabaseError,
  FieldsError,
  MigrationError,
  SignInError,
} from "../../src/index.ts";
import { openAuth, TEST_SECRET } from "../support/auth.ts";
import { eventually } from "../support/eventually.ts";
import { graft } from "../support/graft.ts";
import { createTestDatabase } from "../support/postgres.ts";

const ADA = { email: "ada@example.com", username: "ada-1815", password: "correct horse" };

describe("an application that hands in its own pool", () => {
  const INT8 = 20;
  const TIMESTAMPTZ = 1184;
  const [int8, timestamptz] = [INT8, TIMESTAMPTZ].map((oid) => pg.types.getTypeParser(oid));
  afterEach(() => {
    if (int8 && timestamptz) {
      pg.types.setTypeParser(INT8, int8);
      pg.types.setTypeParser(TIMESTAMPTZ, timestamptz);
    }
  });

  test("gets exact ids and the usual times whatever its own type parsers do, and keeps its pool", async () => {
    pg.types.setTypeParser(INT8, Number);
    pg.types.setTypeParser(TIMESTAMPTZ, () => "a moment");
    const database = await createTestDatabase();
    await database.query(`CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY (START 9007199254740993) PRIMARY KEY,
      username text UNIQUE NOT NULL, created_at timestamptz DEFAULT now())`);
    await graft(database);
    const pool = database.pool();
    const auth = await openAuth(database, { pool });
    const { body } = await auth.post("/v1/auth/register", ADA);
    expect(body.user).toMatchObject({
      id: "9007199254740993",
      created_at: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect((await auth.verify(body.token)).userId).toBe("9007199254740993");
    const user = await auth.authenticate(`Bearer ${body.token}`);
    expect(await user.profile()).toEqual(body.user);
    await auth.close();
    expect((await pool.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  });

  test("of one connection is served all the same: nothing waits for a second one inside a transaction", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const auth = await openAuth(database, { pool: database.pool({ max: 1 }) });
    const answers = await Promise.all(
      [1, 2, 3].map((n) =>
        auth.post("/v1/auth/register", { ...ADA, email: `a${n}@example.com`, username: `ada-${n}` }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
  });
});

test.each([
  [
    "timestamp",
    "created_at - now() AT TIME ZONE 'UTC' < '1 hour'",
    "2024-02-29 12:00:00",
    "2024-02-29T12:00:00.000Z",
  ],
  ["timestamptz", "created_at - now() < '1 hour'", "infinity", null],
  ["date", "created_at = (now() AT TIME ZONE 'UTC')::date", "2024-02-29", "2024-02-29"],
])(
  "a %s is written and shown as UTC, whatever the session's time zone is; infinity has no form",
  async (type, isFresh, value, shown) => {
    const database = await createTestDatabase();
    await database.query(`ALTER DATABASE ${database.name} SET timezone = 'Asia/Tokyo'`);
    await database.query(
      `CREATE TABLE users (id serial PRIMARY KEY, username text UNIQUE NOT NULL, created_at ${type})`,
    );
    await graft(database);
    const auth = await openAuth(database);
    const { token } = (await auth.post("/v1/auth/register", ADA)).body;
    expect((await database.query(`SELECT ${isFresh} AS fresh FROM users`)).rows).toEqual([{ fresh: true }]);
    await database.query("UPDATE users SET created_at = $1", [value]);
    expect((await auth.get("/v1/users/me", { token })).body.user.created_at).toBe(shown);
  },
);

describe("verify", () => {
  test("tells a refused token from a database that cannot answer", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const auth = await openAuth(database);
    const { body } = await auth.post("/v1/auth/register", ADA);
    await expect(auth.verify(5 as never)).rejects.toMatchObject({ code: "invalid_token" });
    await expect(auth.verify("x")).rejects.toBeInstanceOf(SignInError);
    await database.query("ALTER SCHEMA authgraft RENAME TO gone");
    await expect(auth.verify(body.token)).rejects.toMatchObject({ code: "not_grafted" });
    await database.query("ALTER SCHEMA gone RENAME TO authgraft");
    await database.query("REVOKE SELECT ON revoked_tokens FROM CURRENT_USER");
    await expect(auth.verify(body.token)).rejects.toBeInstanceOf(DatabaseError);
  });
});

describe("createAuth", () => {
  let auth: Auth | undefined;
  afterEach(() => auth?.close());

  test("opens nothing that it leaves open when it fails", async () => {
    const database = await createTestDatabase({ sample: "a" });
    await expect(createAuth({ database: database.url, secret: TEST_SECRET })).rejects.toBeInstanceOf(
      MigrationError,
    );
    const open =
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'authgraft'";
    await eventually(async () => (await database.query(open)).rowCount).toBe(0);
  });

  test("says where no database answers, without the password", async () => {
    const opening = createAuth({
      database: "postgres://ada:telling-password@127.0.0.1:1/none",
      secret: TEST_SECRET,
    });
    await expect(opening).rejects.toMatchObject({
      code: "database_unreachable",
      message: expect.stringContaining("No PostgreSQL answers at ada@127.0.0.1:1/none"),
    });
    await expect(opening).rejects.not.toThrow("telling-password");
    const database = await createTestDatabase();
    const wrong = new URL(database.url);
    wrong.password = "telling-password";
    const refused = createAuth({ database: wrong.href, secret: TEST_SECRET });
    await expect(refused).rejects.toMatchObject({ code: "database_authentication_failed" });
    await expect(refused).rejects.not.toThrow("telling-password");
  });

  test("reads the configuration it is given, and says what is wrong with it", async () => {
    const opening = createAuth({
      database: "postgres://localhost/none",
      secret: TEST_SECRET,
      configuration: { tabel: "users" } as object,
    });
    await expect(opening).rejects.toMatchObject({
      code: "configuration_invalid",
      message: expect.stringContaining('did you mean "table"'),
    });
  });
});

test("every error that is thrown on purpose is an AuthgraftError with a code", () => {
  const error = new FieldsError({ field: "email", code: "email_taken", message: "taken" });
  expect(error).toBeInstanceOf(AuthgraftError);
  expect(error).toMatchObject({
    name: "SignInError",
    code: "email_taken",
    message: "taken",
    fields: [{ field: "email" }],
  });
});
