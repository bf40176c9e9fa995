import { describe, expect, test } from "vitest";
import { parseConfiguration } from "../../../src/config/parse.ts";
import { closingStatements } from "../../../src/migration/findings/exposures/closing.ts";
import { readExposures } from "../../../src/migration/findings/exposures/exposures.ts";
import { readSituation } from "../../../src/migration/read-situation.ts";
import { prepareSession } from "../../../src/postgres/migration-session.ts";
import { graft } from "../../support/graft.ts";
import { createTestDatabase, type TestDatabase, type TestRole } from "../../support/postgres.ts";
import { findingsOf, findingsWith } from "./support.ts";

const CODES = ["hash_readable", "admin_writable", "policy_allows_promotion", "truncate_revives_tokens"];

async function exposuresOf(database: TestDatabase, configuration = {}) {
  const findings = await findingsOf(database, { configuration });
  return findings.filter(({ code }) => CODES.includes(code));
}

/** A database with a role that has these rights on the users table. */
async function granted(rights: string, label = "reports") {
  const database = await createTestDatabase({ sample: "a" });
  const role = await database.createRole(label);
  await database.query(`GRANT ${rights} TO "${role.name}"`);
  return { database, role };
}

async function runsAs(database: TestDatabase, role: TestRole, sql: string): Promise<string> {
  const client = await database.client(database.urlFor(role));
  const outcome = await client.query(sql).then(
    ({ rows }) => JSON.stringify(rows),
    (error: Error) => error.message,
  );
  await client.end();
  return outcome;
}

const setHash = "UPDATE users SET password_hash = 'the hash'";

describe("who can read the hash", () => {
  test("a role with SELECT on the table: found, true, and closed by the fix", async () => {
    const { database, role } = await granted("SELECT ON users");
    const [finding, ...more] = await exposuresOf(database);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ code: "hash_readable", severity: "warning", object: role.name });
    await graft(database);
    await database.query(setHash);
    const read = "SELECT id, password_hash FROM users LIMIT 1";
    expect(await runsAs(database, role, read)).toContain("the hash");

    await database.query(finding?.fix ?? "");
    expect(await exposuresOf(database)).toEqual([]);
    expect(await runsAs(database, role, read)).toContain("permission denied");
    expect(await runsAs(database, role, "SELECT id, username, created_at FROM users WHERE id = 1")).toContain(
      "username",
    );
  });

  test("everybody, by a grant to PUBLIC", async () => {
    const database = await createTestDatabase({ sample: "a" });
    await database.query("GRANT SELECT ON users TO PUBLIC");
    const [finding] = await exposuresOf(database);
    expect(finding).toMatchObject({ code: "hash_readable", object: "PUBLIC" });
    expect(finding?.fix).toContain('REVOKE SELECT ON TABLE "public"."users" FROM PUBLIC;');
    await database.query(finding?.fix ?? "");
    expect(await exposuresOf(database)).toEqual([]);
  });

  test("a role with the grant option, and those it has granted on", async () => {
    const { database, role } = await granted("SELECT ON users", "reader");
    await database.query(`GRANT SELECT ON users TO "${role.name}" WITH GRANT OPTION`);
    const third = await database.createRole("third");
    await runsAs(database, role, `GRANT SELECT ON users TO "${third.name}"`);
    const found = await exposuresOf(database);
    expect(found.map(({ object }) => object).sort()).toEqual([role.name, third.name].sort());
    // In either order: what one had from the other goes with it.
    for (const { fix } of [...found].reverse()) await database.query(fix);
    expect(await exposuresOf(database)).toEqual([]);
    expect(await runsAs(database, third, "SELECT username FROM users LIMIT 1")).toContain("username");
    const fourth = await database.createRole("fourth");
    await runsAs(database, role, `GRANT SELECT (username) ON users TO "${fourth.name}"`);
    expect(await runsAs(database, fourth, "SELECT username FROM users LIMIT 1")).toContain("username");
  });

  test("a role with SELECT on the column alone", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const role = await database.createRole("checker");
    await database.query(
      `ALTER TABLE users ADD COLUMN password_hash text; GRANT SELECT (id, password_hash) ON users TO "${role.name}"`,
    );
    const [finding] = await exposuresOf(database);
    expect(finding?.fix).toBe(
      `REVOKE SELECT ("password_hash") ON TABLE "public"."users" FROM "${role.name}";`,
    );
    await database.query(finding?.fix ?? "");
    expect(await exposuresOf(database)).toEqual([]);
    expect(await runsAs(database, role, "SELECT id FROM users WHERE id = 1")).toBe('[{"id":1}]');
  });

  test("not the owner, not superusers, not the role that Authgraft's server connects as", async () => {
    const { database, role } = await granted("SELECT, INSERT, UPDATE ON users", "sign_in");
    expect(await exposuresOf(database, { serverRole: role.name })).toEqual([]);
    expect(await exposuresOf(database)).toHaveLength(2);
  });
});

describe("who can make administrators", () => {
  test("a role with INSERT and UPDATE on the table: found, true, and closed by the fix", async () => {
    const { database, role } = await granted("SELECT (id, username), INSERT, UPDATE ON users", "app");
    const [finding, ...more] = await exposuresOf(database);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      code: "admin_writable",
      object: role.name,
      message: expect.stringContaining("INSERT and UPDATE"),
    });
    await graft(database);
    const promote = "UPDATE users SET is_admin = true WHERE id = 1 RETURNING id";
    expect(await runsAs(database, role, promote)).toBe('[{"id":1}]');

    await database.query(finding?.fix ?? "");
    expect(await exposuresOf(database)).toEqual([]);
    for (const sql of [
      promote,
      "UPDATE users SET password_hash = 'mine' WHERE id = 1",
      "INSERT INTO users (username, created_at, is_admin) VALUES ('x', now(), true)",
    ]) {
      expect(await runsAs(database, role, sql)).toContain("permission denied");
    }
    expect(await runsAs(database, role, "UPDATE users SET username = 'Ada' WHERE id = 1")).toBe("[]");
    expect(
      await runsAs(database, role, "INSERT INTO users (id, username, created_at) VALUES (0, 'x', now())"),
    ).toBe("[]");
  });

  test("only of the hash is spoken where a column of the application's own says who is one", async () => {
    const database = await createTestDatabase({ sample: "b" });
    const role = await database.createRole("app");
    await database.query(`GRANT UPDATE ON users TO "${role.name}"`);
    const configuration = { mapping: { admin: { column: "role", equals: "admin" } } };
    const [finding] = await exposuresOf(database, configuration);
    expect(finding?.message).not.toContain("administrator");
    expect(finding?.message).toContain("set anybody's password_hash");
  });

  test("users themselves, by a policy on their own row", async () => {
    const { database, role } = await granted("SELECT (id, username), UPDATE ON users", "member");
    await database.query(`ALTER TABLE users ENABLE ROW LEVEL SECURITY;
      CREATE POLICY own_row ON users FOR UPDATE USING (username = current_setting('app.user', true));
      CREATE POLICY seen ON users FOR SELECT USING (true)`);
    const found = await exposuresOf(database);
    expect(found.map(({ code, object }) => [code, object])).toEqual([
      ["admin_writable", role.name],
      ["policy_allows_promotion", "own_row"],
    ]);
    await graft(database);
    const { rows } = await database.query<{ username: string }>("SELECT username FROM users WHERE id = 1");
    const promote = `SELECT set_config('app.user', '${rows[0]?.username.replaceAll("'", "''")}', false); UPDATE users SET is_admin = true WHERE id = 1`;
    await runsAs(database, role, promote);
    expect((await database.query("SELECT is_admin FROM users WHERE id = 1")).rows).toEqual([
      { is_admin: true },
    ]);
    await database.query(found[1]?.fix ?? "");
    expect(await exposuresOf(database)).toEqual([]);
    expect(await runsAs(database, role, promote)).toContain("permission denied");
  });
});

test("who may truncate the table is named, and the fix takes that away", async () => {
  const { database, role } = await granted("TRUNCATE ON users", "cleaner");
  const [finding] = await exposuresOf(database);
  expect(finding).toMatchObject({ code: "truncate_revives_tokens", object: role.name });
  await database.query(finding?.fix ?? "");
  expect(await exposuresOf(database)).toEqual([]);
});

test("default privileges that give new tables away are told", async () => {
  const database = await createTestDatabase({ sample: "a" });
  const role = await database.createRole("app");
  await database.query(
    `ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, DELETE ON TABLES TO "${role.name}"`,
  );
  expect(await findingsWith("default_privileges", database)).toMatchObject([
    { object: role.name, message: expect.stringContaining("DELETE, SELECT") },
  ]);
  await database.query(`ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM "${role.name}"`);
  expect(await findingsWith("default_privileges", database)).toEqual([]);
});

describe("the statements that close every exposure", () => {
  test("give back the columns that the table has after the graft, in names that need quotes too", async () => {
    const database = await createTestDatabase();
    const role = await database.createRole("Odd Role");
    await database.query(`CREATE SCHEMA "Shop"; CREATE TABLE "Shop"."My ""Users""" (id integer PRIMARY KEY, "User Name" text UNIQUE);
      GRANT USAGE ON SCHEMA "Shop" TO "${role.name}"; GRANT SELECT, UPDATE ON "Shop"."My ""Users""" TO "${role.name}", PUBLIC`);
    const configuration = { table: '"Shop"."My ""Users"""', registration: "off" as const };
    await graft(database, configuration);
    const client = await database.client();
    await prepareSession(client, { readOnly: false });
    const situation = await readSituation(client, parseConfiguration(configuration));
    const exposures = await readExposures(client, situation);
    const closings = closingStatements(exposures, situation);
    expect(closings.map((closing) => closing.role).sort()).toEqual([role.name, "PUBLIC"].sort());
    for (const { revoke, grant } of closings) {
      for (const statement of [...revoke, ...grant]) await client.query(statement);
    }
    const rest = await readExposures(client, situation);
    expect(closingStatements(rest, situation)).toEqual([]);
    const read = `SELECT id, "User Name", email, is_admin FROM "Shop"."My ""Users"""`;
    expect(await runsAs(database, role, read)).toBe("[]");
    expect(await runsAs(database, role, `SELECT * FROM "Shop"."My ""Users"""`)).toContain(
      "permission denied",
    );
  });
});
