import { pbkdf2Sync } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { hash as bcrypt, hashSync } from "@node-rs/bcrypt";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Answer, openAuth, type TestAuth, type TestAuthOptions } from "../support/auth.ts";
import { quietPool } from "../support/connections.ts";
import { eventually } from "../support/eventually.ts";
import { graft } from "../support/graft.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { watchPool } from "../support/watched-pool.ts";

const PASSWORD = "correct horse";
const BCRYPT_10 = hashSync(PASSWORD, { cost: 10, version: "2a" });

function passlib(password: string): string {
  const adapted = (bytes: Buffer) => bytes.toString("base64").replace(/=+$/, "").replaceAll("+", ".");
  const salt = Buffer.from("0123456789abcdef");
  return `$pbkdf2-sha256$29000$${adapted(salt)}$${adapted(pbkdf2Sync(password, salt, 29_000, 32, "sha256"))}`;
}

/** What every refused login looks like from outside. */
/** All that an answer shows, save the number of the request. */
function faceOf({ status, text, headers }: Answer) {
  return { status, text, headers: [...headers].filter(([name]) => name !== "x-request-id").sort() };
}

describe("a login on sample B that fails", () => {
  let database: TestDatabase;
  let auth: TestAuth;
  let expected: ReturnType<typeof faceOf>;

  beforeAll(async () => {
    database = await createTestDatabase({ sample: "b", grafted: {} });
    auth = await openAuth(database);
    const values = ["right", "broken", "foreign", "costly", "disabled"].map(
      (name) => `('${name}', '${name}', '${name}@example.com')`,
    );
    await database.query(`INSERT INTO users (username, display_name, email) VALUES ${values.join(", ")};
      UPDATE users SET password_hash = '${BCRYPT_10}' WHERE username IN ('right', 'disabled');
      UPDATE users SET password_hash = '$2b$10$broken' WHERE username = 'broken';
      UPDATE users SET password_hash = '5f4dcc3b5aa765d61d8327deb882cf99' WHERE username = 'foreign';
      UPDATE users SET password_hash = '$argon2id$v=19$m=8388608,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc' WHERE username = 'costly';
      INSERT INTO authgraft.accounts (user_id, disabled_at) SELECT id, now() FROM users WHERE username = 'disabled'`);
    expected = faceOf(await auth.post("/v1/auth/login", { email: "nobody@example.com", password: PASSWORD }));
  });
  afterAll(() => auth.close());

  test("says Invalid credentials, with the status and the challenge of RFC 9110", () => {
    expect(expected.status).toBe(401);
    expect(JSON.parse(expected.text)).toEqual({
      type: "urn:authgraft:problem:invalid_credentials",
      title: "Unauthorized",
      status: 401,
      code: "invalid_credentials",
      detail: "Invalid credentials",
    });
    expect(expected.headers).toContainEqual(["www-authenticate", "Bearer"]);
  });

  test.each([
    ["the wrong password", { email: "right@example.com", password: "correct horsf" }],
    ["no password at all in the row", { email: "ada@example.com", password: PASSWORD }],
    ["a disabled account and the right password", { email: "disabled@example.com", password: PASSWORD }],
    ["a stored hash that is broken", { email: "broken@example.com", password: PASSWORD }],
    ["a stored hash of an unknown kind", { email: "foreign@example.com", password: "password" }],
    ["a stored hash that would take 8 GiB to verify", { email: "costly@example.com", password: PASSWORD }],
    ["an unknown username", { username: "nobody", password: PASSWORD }],
    ["an email where the username goes", { username: "right@example.com", password: PASSWORD }],
    ["a username where the email goes", { email: "right", password: PASSWORD }],
    ["an empty password", { email: "right@example.com", password: "" }],
    ["the hash for a password", { email: "right@example.com", password: BCRYPT_10 }],
    ["a name with NUL", { email: "right@example.com\0", password: PASSWORD }],
    ["a name with a lone surrogate", { username: "right\ud800", password: PASSWORD }],
    ["a name of ten thousand characters", { username: "x".repeat(10_000), password: PASSWORD }],
    ["a wildcard for a name", { username: "%", password: PASSWORD }],
    ["SQL for a name", { username: "' OR true --", password: PASSWORD }],
  ])("looks the same from outside for %s (ASVS 6.3.8)", async (_, credentials) => {
    expect(faceOf(await auth.post("/v1/auth/login", credentials))).toEqual(expected);
  });

  test("looks the same for a user from before the graft, who has OAuth alone", async () => {
    const { rows } = await database.query<{ email: string }>(
      "SELECT email FROM users WHERE auth_provider = 'github' LIMIT 1",
    );
    expect(rows).toHaveLength(1);
    expect(faceOf(await auth.post("/v1/auth/login", { email: rows[0]?.email, password: PASSWORD }))).toEqual(
      expected,
    );
  });

  test.each([
    ["no name", { password: PASSWORD }, "field_required"],
    ["both names", { email: "right@example.com", username: "right", password: PASSWORD }, "field_invalid"],
    ["no password", { email: "right@example.com" }, "field_required"],
    ["a list for a name", { email: ["right@example.com"], password: PASSWORD }, "field_invalid"],
    ["an object for a password", { email: "right@example.com", password: { $ne: "" } }, "field_invalid"],
    [
      "a field there is none of",
      { email: "right@example.com", password: PASSWORD, otp: "1" },
      "field_unknown",
    ],
  ])("for %s is a request that cannot be understood", async (_, body, code) => {
    expect(await auth.post("/v1/auth/login", body)).toMatchObject({
      status: 422,
      body: { code, errors: [{ code }] },
    });
  });

  test("and one that succeeds leave the rows of other users as they were", async () => {
    const digest = () =>
      database.query(
        "SELECT md5(string_agg(u::text, '' ORDER BY id)) AS all FROM users u WHERE username <> 'right'",
      );
    const before = await digest();
    expect(
      (await auth.post("/v1/auth/login", { email: "RIGHT@example.com", password: PASSWORD })).status,
    ).toBe(200);
    expect((await digest()).rows).toEqual(before.rows);
  });
});

describe("a user from before the graft", () => {
  let shared: TestDatabase;
  let taken = 0;

  beforeAll(async () => {
    shared = await createTestDatabase({ sample: "a", grafted: {} });
  });

  /** Sample A and two of its users, whom no other test has. */
  async function sampleA(options: TestAuthOptions = {}) {
    const { rows } = await shared.query<{ id: number; username: string }>(
      `SELECT id, username FROM users ORDER BY id OFFSET ${taken} LIMIT 2`,
    );
    taken += 2;
    return { database: shared, auth: await openAuth(shared, options), users: rows };
  }

  const hashOf = async (database: TestDatabase, username?: string) =>
    (
      await database.query<{ password_hash: string }>("SELECT password_hash FROM users WHERE username = $1", [
        username,
      ])
    ).rows[0]?.password_hash;

  test.each([
    ["bcrypt of cost 10 (B1)", BCRYPT_10],
    ["PBKDF2 as passlib writes it (A2)", passlib(PASSWORD)],
  ])("who is given a hash by %s signs in, and the hash is made anew", async (_, hash) => {
    const { database, auth, users } = await sampleA();
    const username = users[0]?.username;
    await database.query("UPDATE users SET password_hash = $1 WHERE username = $2", [hash, username]);
    const login = () => auth.post("/v1/auth/login", { username, password: PASSWORD });
    expect(await login()).toMatchObject({
      status: 200,
      body: { user: { id: String(users[0]?.id), username, email: null } },
    });
    await eventually(() => hashOf(database, username)).toMatch(/^\$argon2id\$/);
    expect((await login()).status).toBe(200);
  });

  test("keeps their hash where the configuration says never", async () => {
    const { database, auth, users } = await sampleA({ configuration: { passwords: { rehash: "never" } } });
    const username = users[0]?.username;
    await database.query("UPDATE users SET password_hash = $1 WHERE username = $2", [BCRYPT_10, username]);
    expect((await auth.post("/v1/auth/login", { username, password: PASSWORD })).status).toBe(200);
    await auth.close();
    expect(await hashOf(database, username)).toBe(BCRYPT_10);
  });

  test("keeps their hash where the column was the application's own: it may verify them itself (C1)", async () => {
    const database = await createTestDatabase();
    await database.query(`CREATE TABLE users (id serial PRIMARY KEY, username text UNIQUE NOT NULL, password_hash text);
      INSERT INTO users (username, password_hash) VALUES ('ada', '${BCRYPT_10}')`);
    await graft(database);
    const credentials = { username: "ada", password: PASSWORD };
    const first = await openAuth(database);
    expect((await first.post("/v1/auth/login", credentials)).status).toBe(200);
    await first.close();
    expect(await hashOf(database, "ada")).toBe(BCRYPT_10);
    const renewing = await openAuth(database, { configuration: { passwords: { rehash: "on-login" } } });
    expect((await renewing.post("/v1/auth/login", credentials)).status).toBe(200);
    await eventually(() => hashOf(database, "ada")).toMatch(/^\$argon2id\$/);
  });

  test("keeps their hash where the column is too short for a new one, which is said once, at the start", async () => {
    const database = await createTestDatabase();
    await database.query(`CREATE TABLE users (id serial PRIMARY KEY, username text UNIQUE NOT NULL, password_hash varchar(60));
      INSERT INTO users (username, password_hash) VALUES ('ada', '${BCRYPT_10}')`);
    // It was grafted for bcrypt, and the configuration has changed since.
    await graft(database, { passwords: { algorithm: "bcrypt" } });
    const auth = await openAuth(database, {
      configuration: { registration: "off", passwords: { rehash: "on-login" } },
    });
    const login = () => auth.post("/v1/auth/login", { username: "ada", password: PASSWORD });
    expect([(await login()).status, (await login()).status]).toEqual([200, 200]);
    await auth.close();
    expect(await hashOf(database, "ada")).toBe(BCRYPT_10);
    expect(auth.logs.filter((log) => log.includes("renewed"))).toHaveLength(1);
    expect(auth.logs.join("")).toContain('"room":60');
  });

  test("signs in even when the new hash cannot be stored", async () => {
    const { database, auth, users } = await sampleA();
    const username = users[0]?.username;
    await database.query(`UPDATE users SET password_hash = '${BCRYPT_10}' WHERE id = ${users[0]?.id};
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no: %'', NEW; END';
      CREATE TRIGGER refuse BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION refuse()`);
    onTestFinished(async () => {
      await database.query("DROP TRIGGER refuse ON users");
    });
    expect((await auth.post("/v1/auth/login", { username, password: PASSWORD })).status).toBe(200);
    // Closing waits for what the login left behind.
    await auth.close();
    expect(await hashOf(database, username)).toBe(BCRYPT_10);
    expect(auth.logs.join("")).toContain("could not be renewed");
    expect(auth.logs.join("")).not.toContain("argon2id$");
  });

  test("and whose renewal has to wait does not keep a server that closes", async () => {
    const { database, auth, users } = await sampleA({
      configuration: { passwords: { hashing: { threads: 1 } } },
    });
    const username = users[0]?.username;
    await database.query("UPDATE users SET password_hash = $1 WHERE username = $2", [BCRYPT_10, username]);
    const nobody = () => auth.post("/v1/auth/login", { username: "nobody", password: PASSWORD });
    let isClosed = false;
    // There is always somebody waiting in person, so that the background's turn never comes.
    const crowd = Promise.all(
      [1, 2, 3].map(async () => {
        for (; !isClosed; await setImmediate()) await nobody();
      }),
    );
    expect((await auth.post("/v1/auth/login", { username, password: PASSWORD })).status).toBe(200);
    await eventually(() => auth.metrics()).toMatch(/authgraft_hashing_waiting\{lane="background"\} 1/);
    await auth.close();
    isClosed = true;
    await crowd;
    expect(await hashOf(database, username)).toBe(BCRYPT_10);
  });

  test("who is disabled between the password and the session is not signed in", async () => {
    const pool = quietPool(shared.url, 2);
    onTestFinished(() => pool.end());
    const disable = async (text: string) => {
      // The session is begun after the password was found right.
      if (!text.includes("INSERT INTO authgraft.sessions") && !text.includes('"sessions"')) return;
      await shared.query("INSERT INTO authgraft.accounts (user_id, disabled_at) VALUES ($1, now())", [
        user?.id,
      ]);
    };
    const { database, auth, users } = await sampleA({ pool: watchPool(pool, { onQuery: disable }) });
    const [user] = users;
    await database.query(`UPDATE users SET password_hash = '${BCRYPT_10}' WHERE id = ${user?.id}`);
    const answer = await auth.post("/v1/auth/login", { username: user?.username, password: PASSWORD });
    expect(answer).toMatchObject({ status: 401, body: { code: "invalid_credentials" } });
    expect(
      (await database.query("SELECT FROM authgraft.accounts WHERE user_id = $1", [user?.id])).rowCount,
    ).toBe(1);
    expect(
      (await database.query("SELECT FROM authgraft.sessions WHERE user_id = $1", [user?.id])).rowCount,
    ).toBe(0);
  });

  test("who changes their password while a login renews the old hash keeps the change", async () => {
    const { database, auth, users } = await sampleA();
    const username = users[0]?.username;
    const changed = await bcrypt("another password", { cost: 10 });
    await database.query(`UPDATE users SET password_hash = '${BCRYPT_10}' WHERE id = ${users[0]?.id}`);
    // The old application's change arrives between the login's look at the row and its update.
    const client = await database.client();
    await client.query("BEGIN");
    await client.query("UPDATE users SET password_hash = $1 WHERE username = $2", [changed, username]);
    const login = auth.post("/v1/auth/login", { username, password: PASSWORD });
    // The login's own update waits for this transaction's row lock before it compares.
    await eventually(
      async () =>
        (
          await database.query(
            "SELECT FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database()",
          )
        ).rowCount,
    ).toBeGreaterThan(0);
    await client.query("COMMIT");
    expect((await login).status).toBe(200);
    await auth.close();
    expect(await hashOf(database, username)).toBe(changed);
  });

  test("whose username is an email address does not shadow whoever has that email (C3)", async () => {
    const { database, auth, users } = await sampleA();
    const [shadow, owner] = users;
    await database.query(`UPDATE users SET username = 'the.owner@example.com', password_hash = '${BCRYPT_10}' WHERE id = ${shadow?.id};
      UPDATE users SET email = 'the.owner@example.com', password_hash = '${await bcrypt("the owner's", { cost: 10 })}' WHERE id = ${owner?.id}`);
    const login = (credentials: object) => auth.post("/v1/auth/login", credentials);
    expect((await login({ email: "the.owner@example.com", password: PASSWORD })).status).toBe(401);
    expect((await login({ email: "the.owner@example.com", password: "the owner's" })).body.user.id).toBe(
      String(owner?.id),
    );
    expect((await login({ username: "the.owner@example.com", password: PASSWORD })).body.user.id).toBe(
      String(shadow?.id),
    );
  });

  test("whose address only looks like another's is not reached by it", async () => {
    const { database, auth, users } = await sampleA();
    await database.query(
      `UPDATE users SET email = 'mi\u212Ae@example.com', password_hash = '${BCRYPT_10}' WHERE id = ${users[0]?.id}`,
    );
    for (const email of ["mike@example.com", "MIKE@example.com"]) {
      expect((await auth.post("/v1/auth/login", { email, password: PASSWORD })).status).toBe(401);
    }
    expect(
      (await auth.post("/v1/auth/login", { email: "MI\u212AE@EXAMPLE.com", password: PASSWORD })).status,
    ).toBe(200);
  });

  test.each([
    ["timestamptz", "now()"],
    ["boolean", "true"],
  ])("who is marked as deleted by a %s is nobody, and their tokens end", async (type, value) => {
    const database = await createTestDatabase();
    await database.query(`CREATE TABLE users (id serial PRIMARY KEY, username text NOT NULL, deleted ${type});
      INSERT INTO users (username) VALUES ('ada')`);
    const configuration = { accept: ["username_not_unique"] };
    await graft(database, configuration);
    await database.query("UPDATE users SET password_hash = $1", [BCRYPT_10]);
    const auth = await openAuth(database, { configuration });
    const credentials = { username: "ada", password: PASSWORD };
    const { token } = (await auth.post("/v1/auth/login", credentials)).body;
    expect((await auth.get("/v1/users/me", { token })).status).toBe(200);
    await database.query(`UPDATE users SET deleted = ${value}`);
    expect((await auth.post("/v1/auth/login", credentials)).status).toBe(401);
    expect((await auth.get("/v1/users/me", { token })).status).toBe(401);
    // Whoever takes the name after them is somebody.
    await database.query("INSERT INTO users (username, password_hash) VALUES ('ada', $1)", [BCRYPT_10]);
    expect((await auth.post("/v1/auth/login", credentials)).body.user.id).toBe("2");
  });

  test("whose name two rows have is refused like anyone unknown (C7)", async () => {
    const database = await createTestDatabase();
    await database.query(`CREATE TABLE users (id serial PRIMARY KEY, username text NOT NULL);
      INSERT INTO users (username) VALUES ('twin'), ('twin')`);
    const configuration = { accept: ["username_not_unique"] };
    await graft(database, configuration);
    await database.query("UPDATE users SET password_hash = $1", [BCRYPT_10]);
    const auth = await openAuth(database, { configuration });
    expect((await auth.post("/v1/auth/login", { username: "twin", password: PASSWORD })).status).toBe(401);
  });
});

describe("who is an administrator", () => {
  test("is read from is_admin at every request: a demotion counts at once", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const auth = await openAuth(database);
    const { body } = await auth.post("/v1/auth/register", {
      email: "ada@example.com",
      username: "ada-1815",
      password: PASSWORD,
    });
    const isAdmin = async () => (await auth.get("/v1/users/me", { token: body.token })).body.user.is_admin;
    await database.query("UPDATE users SET is_admin = true WHERE id = $1", [body.user.id]);
    expect(await isAdmin()).toBe(true);
    await database.query("UPDATE users SET is_admin = false WHERE id = $1", [body.user.id]);
    expect(await isAdmin()).toBe(false);
  });

  test("is decided by the application's own column where the mapping says so (C12)", async () => {
    const database = await createTestDatabase({ sample: "b" });
    const configuration = { mapping: { admin: { column: "role", equals: "admin" } } };
    await graft(database, configuration);
    const auth = await openAuth(database, { configuration });
    const registration = {
      email: "grace@navy.example",
      username: "grace-h",
      display_name: "Grace",
      password: PASSWORD,
    };
    const { body } = await auth.post("/v1/auth/register", registration);
    expect(body.user.is_admin).toBe(false);
    await database.query("UPDATE users SET role = 'admin' WHERE id = $1", [body.user.id]);
    expect((await auth.get("/v1/users/me", { token: body.token })).body.user.is_admin).toBe(true);
    await database.query("UPDATE users SET role = NULL WHERE id = $1", [body.user.id]);
    expect((await auth.get("/v1/users/me", { token: body.token })).body.user.is_admin).toBe(false);
    const { rows } = await database.query(
      "SELECT FROM information_schema.columns WHERE table_name = 'users' AND column_name = 'is_admin'",
    );
    expect(rows).toEqual([]);
  });
});

test("email_verified is true only while the address is the one that was proved", async () => {
  const database = await createTestDatabase({ sample: "a", grafted: {} });
  const auth = await openAuth(database);
  const { body } = await auth.post("/v1/auth/register", {
    email: "ada@example.com",
    username: "ada-1815",
    password: PASSWORD,
  });
  const isVerified = async () =>
    (await auth.get("/v1/users/me", { token: body.token })).body.user.email_verified;
  expect(await isVerified()).toBe(false);
  await database.query(
    "INSERT INTO authgraft.accounts (user_id, verified_email, verified_at) VALUES ($1, 'ADA@example.com', now())",
    [body.user.id],
  );
  expect(await isVerified()).toBe(true);
  await database.query("UPDATE users SET email = 'eve@example.com' WHERE id = $1", [body.user.id]);
  expect(await isVerified()).toBe(false);
});
