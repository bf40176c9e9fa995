import { beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { authgraft } from "./command-line.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ sample: "a" });
  await database.query(`
    CREATE VIEW people AS SELECT * FROM users;
    CREATE TABLE keyless (id int, username text);
    CREATE TABLE members (club int, number int, username text, PRIMARY KEY (club, number));
    CREATE SCHEMA shop;
    CREATE TABLE shop.user_list (id int PRIMARY KEY);
    CREATE TABLE "Customers" (id int PRIMARY KEY);
    CREATE SCHEMA other;
    CREATE TABLE other.user_list (id int PRIMARY KEY);`);
});

function plan(url: string, ...args: string[]) {
  return authgraft(["plan", "--database-url", url, ...args]);
}

test("a wrong password and a missing database are wrong usage, and the password is nowhere: 2", async () => {
  const [wrong, absent] = [new URL(database.url), new URL(database.url)];
  wrong.password = "s3cr3t-canary";
  absent.pathname = "/no_such_shop";
  const [password, json, shop] = await Promise.all([
    plan(wrong.href),
    authgraft(["up", "--yes", "--json", "--database-url", wrong.href], {
      environment: { AUTHGRAFT_DEBUG: "1" },
    }),
    plan(absent.href),
  ]);
  expect([password.code, json.code, shop.code]).toEqual([2, 2, 2]);
  expect(password.said).toContain(
    `PostgreSQL at app_owner@${wrong.host}/${database.name} refused the login.`,
  );
  expect(json.json().error.code).toBe("database_authentication_failed");
  expect(shop.said).toContain("There is no such database: ");
  expect(shop.said).toContain("/no_such_shop");
  for (const { stdout, stderr } of [password, json]) expect(stdout + stderr).not.toContain("canary");
});

test("a table that is not there, or there twice, is wrong usage, with what may have been meant: 2", async () => {
  const [near, far, twice, mixed] = await Promise.all([
    plan(database.url, "--table", "user"),
    plan(database.url, "--table", "shop.zzzzzz"),
    plan(database.url, "--table", "user_list"),
    plan(database.url, "--table", "customer", "--json"),
  ]);
  expect([near.code, far.code, twice.code, mixed.code]).toEqual([2, 2, 2, 2]);
  expect(near.said).toContain("There is no table user in this database.");
  expect(near.said).toMatch(/Did you mean .*public\.users\b.*\? Name it with --table\./);
  expect(far.said).toContain("There is no table shop.zzzzzz in this database.");
  expect(twice.said).toMatch(/Several tables are called user_list: .*other.*shop.*user_list/);
  expect(mixed.json().error).toMatchObject({
    code: "table_not_found",
    fix: expect.stringContaining('public."Customers"'),
  });
});

test("a view, no primary key and a composite one are refused by name, each with what to do: 3", async () => {
  const [view, keyless, composite, json] = await Promise.all([
    plan(database.url, "--table", "people"),
    plan(database.url, "--table", "keyless"),
    authgraft(["inspect", "--database-url", database.url, "--table", "members"]),
    authgraft(["up", "--yes", "--json", "--database-url", database.url, "--table", "members"]),
  ]);
  expect([view.code, keyless.code, composite.code, json.code]).toEqual([3, 3, 3, 3]);
  expect(view.stdout).toMatch(/✗ not_a_table public\.people\n.*is a view.*\n {4}→ .*--table public\.users/);
  expect(keyless.stdout).toMatch(/✗ primary_key_missing public\.keyless/);
  expect(keyless.stdout).toContain('→ ALTER TABLE "public"."keyless" ADD PRIMARY KEY ("id");\n');
  expect(keyless.stdout).toMatch(/Refused: nothing will be changed until the points marked ✗ are met\.\n$/);
  expect(composite.stdout).toMatch(/In the way:\n {2}✗ primary_key_composite public\.members/);
  expect(composite.stdout).toContain("found by: ");
  expect(json.json()).toMatchObject({ state: "refused", steps: [] });
  expect(json.json().refusals.map(({ code }: { code: string }) => code)).toContain("primary_key_composite");
});

test("missing privileges are refused, and the GRANT that is missing can be copied: 3", async () => {
  const role = await database.createRole("reader");
  await database.query(`GRANT SELECT ON users TO "${role.name}"`);
  const [text, up] = await Promise.all([
    plan(database.urlFor(role)),
    authgraft(["up", "--yes", "--database-url", database.urlFor(role)]),
  ]);
  expect([text.code, up.code]).toEqual([3, 3]);
  expect(text.stdout).toContain(`→ GRANT "app_owner" TO "${role.name}";\n`);
  expect(text.stdout).toContain(`→ GRANT CREATE ON DATABASE "${database.name}" TO "${role.name}";\n`);
  expect(up.stdout).toContain(`→ GRANT "app_owner" TO "${role.name}";\n`);
  expect(up.stdout).toContain("Refused; nothing was changed.");
});

test("what is refused can be accepted by its code once it was read", async () => {
  const { url, query } = await createTestDatabase({ sample: "a" });
  await query("CREATE PUBLICATION everything FOR TABLE users");
  const refused = await plan(url, "--json");
  expect(refused.code).toBe(3);
  const [finding] = refused.json().refusals;
  expect(finding).toMatchObject({ acceptable: true });
  const [text, accepted] = await Promise.all([plan(url), plan(url, "--accept", finding.code, "--json")]);
  expect(text.stdout).toContain(`      Or go on all the same: --accept ${finding.code}\n`);
  expect([accepted.code, accepted.json().state]).toEqual([0, "pending"]);
});

test("down without the record of whose things are refuses to guess: 3; verify finds what was taken away: 4", async () => {
  const { url, query } = await createTestDatabase({ sample: "a" });
  const on = ["--database-url", url];
  expect((await authgraft(["up", "--yes", ...on])).code).toBe(0);
  await query("DROP INDEX users_email_authgraft_idx");
  const [verify, json] = await Promise.all([
    authgraft(["verify", ...on]),
    authgraft(["verify", "--json", ...on]),
  ]);
  expect([verify.code, json.code]).toEqual([4, 4]);
  expect(verify.stdout).toMatch(
    /✗ journal_disagrees users-email-index\n[\s\S]*The graft is not as it should be\./,
  );
  expect(json.json().findings).toContainEqual(
    expect.objectContaining({ code: "journal_disagrees", object: "users-email-index" }),
  );
  await query("DROP TABLE authgraft.provenance");
  const down = await authgraft(["down", "--yes", ...on]);
  expect(down.code).toBe(3);
  expect(down.stdout).toMatch(/✗ provenance_missing authgraft\n/);
  expect(down.stdout).toContain("Refused; nothing was changed.");
});
