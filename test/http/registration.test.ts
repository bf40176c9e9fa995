import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openAuth, type TestAuth } from "../support/auth.ts";
import { graft } from "../support/graft.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

const PASSWORD = "correct horse";
let made = 0;

/** A registration nobody has sent before. */
function fresh(changes: Record<string, unknown> = {}): Record<string, unknown> {
  made += 1;
  return {
    email: `person-${made}@example.com`,
    username: `person-${made}`,
    display_name: "A Person",
    password: PASSWORD,
    ...changes,
  };
}

async function count(database: TestDatabase, sql: string): Promise<number> {
  const { rows } = await database.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${sql}`);
  return rows[0]?.count ?? -1;
}

describe("registration on sample B", () => {
  let database: TestDatabase;
  let auth: TestAuth;

  beforeAll(async () => {
    database = await createTestDatabase({ sample: "b", grafted: {} });
    auth = await openAuth(database);
  });
  afterAll(() => auth.close());

  const register = (body: unknown) => auth.post("/v1/auth/register", body);

  test.each([
    ["a username of 2 characters", { username: "ab" }, "username", "field_invalid"],
    ["a username of 31", { username: "x".repeat(31) }, "username", "field_invalid"],
    ["a username with an @", { username: "a@example.com" }, "username", "field_invalid"],
    ["an email without a domain", { email: "ada@" }, "email", "field_invalid"],
    ["two emails in one", { email: "a@x.co,b@x.co" }, "email", "field_invalid"],
    [
      "an email longer than any",
      { email: `${"a".repeat(60)}@${`${"b".repeat(60)}.`.repeat(4)}com` },
      "email",
      "field_invalid",
    ],
    [
      "a display name of 51 characters, one more than the column takes",
      { display_name: "x".repeat(51) },
      "display_name",
      "field_invalid",
    ],
    ["a password of 7 characters", { password: "1234567" }, "password", "password_too_short"],
    ["a password of 73", { password: "x".repeat(73) }, "password", "password_too_long"],
    ["a number for a password", { password: 12345678 }, "password", "field_invalid"],
    ["a list for an email", { email: ["a@x.co"] }, "email", "field_invalid"],
    ["an object for a username", { username: { $ne: null } }, "username", "field_invalid"],
    ["null for an email", { email: null }, "email", "field_invalid"],
    ["no email", { email: undefined }, "email", "field_required"],
    ["no username", { username: undefined }, "username", "field_required"],
    ["no display name", { display_name: undefined }, "display_name", "field_required"],
    ["no password", { password: undefined }, "password", "field_required"],
    ["is_admin", { is_admin: true }, "is_admin", "field_unknown"],
    ["an id", { id: "00000000-0000-4000-8000-000000000000" }, "id", "field_unknown"],
    ["a role", { role: "admin" }, "role", "field_unknown"],
    ["a password hash", { password_hash: "x" }, "password_hash", "field_unknown"],
  ])("refuses %s, by name, and leaves nothing behind", async (_, changes, field, code) => {
    const before = await count(database, "users");
    const answer = await register(fresh(changes));
    expect(answer.status).toBe(422);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.body).toMatchObject({
      status: 422,
      code,
      errors: [{ field, code, message: expect.any(String) }],
    });
    expect(await count(database, "users")).toBe(before);
  });

  test("names everything that is wrong at once", async () => {
    const answer = await register(fresh({ email: "no", username: "!", password: "short" }));
    expect(answer.body.errors.map((error: { field: string }) => error.field)).toEqual([
      "email",
      "username",
      "password",
    ]);
  });

  test.each([
    ["8 characters", "violin 8"],
    ["64 characters (ASVS 6.2.9)", "x".repeat(64)],
    ["72 characters, with spaces at the ends", ` ${"x".repeat(70)} `],
    ["8 emoji", "🔑".repeat(8)],
  ])("takes a password of %s, and nothing but exactly it signs in", async (_, password) => {
    const registration = fresh({ password });
    expect((await register(registration)).status).toBe(201);
    const login = (attempt: string) =>
      auth.post("/v1/auth/login", { email: registration.email, password: attempt });
    expect((await login(password)).status).toBe(200);
    expect((await login(`${password} `)).status).toBe(401);
    expect((await login(password.slice(0, -1))).status).toBe(401);
  });

  test("keeps the email as it was typed, plus-tag and dots and all", async () => {
    const answer = await register(fresh({ email: "J.Doe+Shop@Example.COM" }));
    expect(answer.body.user.email).toBe("J.Doe+Shop@Example.COM");
    expect((await register(fresh({ email: "jdoe@example.com" }))).status).toBe(201);
  });

  test("is as the old application's own rows: provider email, no provider id, not an administrator (B4)", async () => {
    const { body } = await register(fresh());
    const { rows } = await database.query(
      "SELECT auth_provider, auth_provider_id, is_admin, role, password_hash ~ '^\\$argon2id\\$' AS hashed FROM users WHERE id = $1",
      [body.user.id],
    );
    expect(rows).toEqual([
      { auth_provider: "email", auth_provider_id: null, is_admin: false, role: "user", hashed: true },
    ]);
  });

  test.each([
    ["as it is", (email: string) => email],
    ["in another case", (email: string) => email.toUpperCase()],
  ])("refuses an email that is taken, %s", async (_, change) => {
    const registration = fresh();
    await register(registration);
    const answer = await register(fresh({ email: change(String(registration.email)) }));
    expect(answer).toMatchObject({
      status: 409,
      body: { code: "email_taken", errors: [{ field: "email", code: "email_taken" }] },
    });
  });

  test("refuses the email and the name of a user from before the graft", async () => {
    const { rows } = await database.query<{ email: string; username: string }>(
      "SELECT email, username FROM users WHERE auth_provider <> 'email' AND email ~ '^[a-z0-9.]+@' AND username ~ '^[a-z0-9_]{3,30}$' LIMIT 1",
    );
    const [{ email, username } = { email: "", username: "" }] = rows;
    const answer = await register(fresh({ email, username }));
    expect(answer).toMatchObject({
      status: 409,
      body: { errors: [{ code: "email_taken" }, { code: "username_taken" }] },
    });
  });

  test("tells look-alikes of other scripts apart: they are other people's addresses", async () => {
    // U+0131 is the dotless i: upper case of both is I, in Unicode's tables.
    expect((await register(fresh({ email: "mike@example.com" }))).status).toBe(201);
    expect((await register(fresh({ email: "m\u0131ke@example.com" }))).status).toBe(201);
    const login = await auth.post("/v1/auth/login", { email: "M\u0131KE@example.com", password: PASSWORD });
    expect(login.body.user.email).toBe("m\u0131ke@example.com");
    // U+212A, the Kelvin sign, is another spelling of K in NFC: no address is written with it.
    expect((await register(fresh({ email: "mi\u212Ae@example.com" }))).status).toBe(422);
  });

  test.each([
    ["emails", () => ({ email: "race@example.com" }), "email_taken"],
    [
      "emails in different case",
      (n: number) => ({ email: n % 2 ? "RACE-2@example.com" : "race-2@example.com" }),
      "email_taken",
    ],
    ["usernames", () => ({ username: "race" }), "username_taken"],
  ])("of twenty at once with the same %s makes exactly one account", async (_, changes, code) => {
    const before = await count(database, "users");
    const sessions = await count(database, "authgraft.sessions");
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => register(fresh(changes(n)))));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array(19).fill(409)]);
    const losers = answers.filter(({ status }) => status === 409);
    expect(new Set(losers.map(({ body }) => body.code))).toEqual(new Set([code]));
    expect(await count(database, "users")).toBe(before + 1);
    expect(await count(database, "authgraft.sessions")).toBe(sessions + 1);
  });

  test("leaves no user behind when the session cannot be made", async () => {
    const before = await count(database, "users");
    await database.query("ALTER TABLE authgraft.sessions ADD CONSTRAINT none_today CHECK (false) NOT VALID");
    const answer = await register(fresh()).finally(() =>
      database.query("ALTER TABLE authgraft.sessions DROP CONSTRAINT none_today"),
    );
    expect(answer.status).not.toBe(201);
    expect(await count(database, "users")).toBe(before);
  });

  test("answers with the application's own refusal, but not in its words, where a rule of the table says no", async () => {
    await database.query("ALTER TABLE users ADD CONSTRAINT no_robots CHECK (username !~ '^robot')");
    const answer = await register(fresh({ username: "robot-1" }));
    expect(answer).toMatchObject({ status: 422, body: { code: "field_invalid" } });
    expect(answer.text).not.toMatch(/no_robots|argon2|Failing row/);
  });
});

describe("registration as it is configured", () => {
  test("off: nobody registers, and who is there signs in", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const open = await openAuth(database);
    const registration = { email: "ada@example.com", username: "ada-1815", password: PASSWORD };
    await open.post("/v1/auth/register", registration);
    const closed = await openAuth(database, { configuration: { registration: "off" } });
    const answer = await closed.post("/v1/auth/register", fresh({ display_name: undefined }));
    expect(answer).toMatchObject({ status: 403, body: { code: "registration_closed" } });
    expect(
      (await closed.post("/v1/auth/login", { email: registration.email, password: PASSWORD })).status,
    ).toBe(200);
  });

  test("bcrypt: refuses what it would cut, 73 bytes in 37 letters", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const auth = await openAuth(database, { configuration: { passwords: { algorithm: "bcrypt" } } });
    const register = (password: string) =>
      auth.post("/v1/auth/register", fresh({ password, display_name: undefined }));
    expect(await register("é".repeat(37))).toMatchObject({
      status: 422,
      body: { code: "password_too_long" },
    });
    expect((await register("é".repeat(36))).status).toBe(201);
    const { rows } = await database.query(
      "SELECT left(password_hash, 7) AS start FROM users WHERE password_hash IS NOT NULL",
    );
    expect(rows).toEqual([{ start: "$2b$10$" }]);
  });

  test("a username that differs in case alone is taken where the application says so", async () => {
    const database = await createTestDatabase();
    await database.query(`CREATE TABLE users (id serial PRIMARY KEY, username text UNIQUE NOT NULL);
      CREATE UNIQUE INDEX one_name ON users (lower(username))`);
    await graft(database);
    const auth = await openAuth(database);
    const register = (username: string) =>
      auth.post("/v1/auth/register", fresh({ username, display_name: undefined }));
    expect((await register("Countess")).status).toBe(201);
    expect(await register("countess")).toMatchObject({ status: 409, body: { code: "username_taken" } });
  });

  test("a key that the configured function makes twice is our failure, not the person's", async () => {
    const database = await createTestDatabase();
    await database.query("CREATE TABLE users (id varchar(26) PRIMARY KEY, email text)");
    const configuration = { registration: { generateId: () => "the same each time" } };
    await graft(database, configuration);
    const auth = await openAuth(database, { configuration });
    const register = () =>
      auth.post("/v1/auth/register", fresh({ username: undefined, display_name: undefined }));
    expect((await register()).status).toBe(201);
    expect(await register()).toMatchObject({ status: 500, body: { code: "internal" } });
  });

  test("values fill the application's other NOT NULL columns, constants and SQL alike (C6)", async () => {
    const database = await createTestDatabase();
    await database.query(`CREATE TABLE users (id text PRIMARY KEY, username text UNIQUE NOT NULL, plan text NOT NULL,
      seats integer NOT NULL, beta boolean NOT NULL, note text DEFAULT 'none', joined date NOT NULL)`);
    const configuration = {
      mapping: { created_at: null },
      registration: {
        values: { plan: "free", seats: 3, beta: false, note: null, joined: { sql: "current_date" } },
        generateId: () => "01J9ZQ5N8Z6W3V4X7Y8T9R0P1M",
      },
    };
    await graft(database, configuration);
    const auth = await openAuth(database, { configuration });
    const answer = await auth.post("/v1/auth/register", {
      email: "ada@example.com",
      username: "ada",
      password: PASSWORD,
    });
    expect(answer.body.user).toEqual({
      id: "01J9ZQ5N8Z6W3V4X7Y8T9R0P1M",
      username: "ada",
      email: "ada@example.com",
      is_admin: false,
      email_verified: false,
    });
    const { rows } = await database.query(
      "SELECT plan, seats, beta, note, joined = current_date AS today FROM users",
    );
    expect(rows).toEqual([{ plan: "free", seats: 3, beta: false, note: null, today: true }]);
  });

  test("a setting that names a column registration fills itself, or none, is refused at the start", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const opening = openAuth(database, { configuration: { registration: { values: { email: "x" } } } });
    await expect(opening).rejects.toMatchObject({
      code: "configuration_invalid",
      message: expect.stringContaining('"email"'),
    });
  });

  test("a username that the table does not have is an unknown field, and emails alone sign in", async () => {
    const database = await createTestDatabase();
    await database.query(
      "CREATE TABLE users (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email varchar(254))",
    );
    await graft(database);
    const auth = await openAuth(database);
    const registration = { email: "ada@example.com", password: PASSWORD };
    const refused = await auth.post("/v1/auth/register", { ...registration, username: "ada" });
    expect(refused.body.errors).toMatchObject([{ field: "username", code: "field_unknown" }]);
    expect((await auth.post("/v1/auth/register", registration)).status).toBe(201);
    expect((await auth.post("/v1/auth/login", { username: "ada", password: PASSWORD })).status).toBe(422);
    expect((await auth.post("/v1/auth/login", registration)).status).toBe(200);
  });

  test("a column too short for argon2id serves with bcrypt", async () => {
    const database = await createTestDatabase();
    await database.query("CREATE TABLE users (id serial PRIMARY KEY, email text, password_hash varchar(60))");
    const configuration = { passwords: { algorithm: "bcrypt" } } as const;
    await graft(database, configuration);
    await expect(openAuth(database)).rejects.toMatchObject({
      code: "configuration_invalid",
      message: expect.stringContaining("bcrypt"),
    });
    const auth = await openAuth(database, { configuration });
    const registered = await auth.post("/v1/auth/register", { email: "ada@example.com", password: PASSWORD });
    expect(registered.status).toBe(201);
  });
});

describe("what the application's own rules refuse is the person's to mend, and the log says which rule", () => {
  const raising = (
    body: string,
  ) => `CREATE FUNCTION object() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN ${body} END$$;
    CREATE TRIGGER object BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION object()`;

  test.each([
    ["a CHECK", "ALTER TABLE users ADD CONSTRAINT no_ada CHECK (username <> 'lovelace-1815')", "no_ada"],
    ["a trigger that raises", raising("RAISE EXCEPTION 'no %', NEW;"), "P0001"],
    ["a trigger that calls the data wrong", raising("RAISE EXCEPTION USING ERRCODE = '22023';"), "22023"],
    ["a trigger that misses a row elsewhere", raising("RAISE EXCEPTION USING ERRCODE = '23503';"), "23503"],
    ["a trigger that keeps the row out", raising("RETURN NULL;"), "kept the new row out"],
  ])("%s", async (_, rule, named) => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    await database.query(rule);
    const auth = await openAuth(database);
    const answer = await auth.post("/v1/auth/register", {
      email: "lovelace@example.com",
      username: "lovelace-1815",
      password: PASSWORD,
    });
    expect(answer).toMatchObject({
      status: 422,
      body: { code: "field_invalid", detail: "The application's own rules refuse these values." },
    });
    const warnings = auth.logs.map((line) => JSON.parse(line)).filter(({ level }) => level === 40);
    expect(warnings).toHaveLength(1);
    expect(JSON.stringify(warnings)).toContain(named);
    expect(auth.logs.join("")).not.toContain("lovelace");
  });

  test("but a column that nobody fills is ours, and the log names it", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const auth = await openAuth(database);
    await database.query("ALTER TABLE users ADD seats integer DEFAULT 1 NOT NULL");
    await database.query("ALTER TABLE users ALTER seats DROP DEFAULT");
    const answer = await auth.post("/v1/auth/register", {
      email: "lovelace@example.com",
      username: "lovelace-1815",
      password: PASSWORD,
    });
    expect(answer).toMatchObject({ status: 500, body: { code: "internal" } });
    expect(auth.logs.join("")).toContain('"column":"seats"');
  });
});
