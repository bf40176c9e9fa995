import { describe, expect, test } from "vitest";
import type { ConfigurationInput } from "../../../src/config/schema.ts";
import { down } from "../../../src/migration/down.ts";
import { planHash, schemaFingerprint } from "../../../src/migration/rehearse/fingerprint.ts";
import { inspect } from "../../../src/migration/status.ts";
import { STEPS } from "../../../src/migration/steps.ts";
import { up } from "../../../src/migration/up.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";

async function hashes(database: TestDatabase, configuration: ConfigurationInput = {}, url = database.url) {
  const { situation } = await inspect({ databaseUrl: url, configuration });
  return { plan: planHash(situation), schema: schemaFingerprint(situation) };
}

describe.each([
  ["a", {}],
  ["b", { emailUniqueConstraint: true, closeExposures: true }],
] as const)("on sample %s with %j, plan hash and schema fingerprint", (sample, configuration) => {
  test("are the same before the graft, at every step of up and of down, and after", async () => {
    const database = await createTestDatabase({ sample });
    const options = { databaseUrl: database.url, configuration };
    await database.query("GRANT SELECT, UPDATE ON users TO PUBLIC");
    const before = await hashes(database, configuration);
    const { situation } = await inspect(options);
    for (const { id } of STEPS.filter((step) => step.isWanted(situation))) {
      await up({ ...options, to: id });
      expect(await hashes(database, configuration), `after ${id}`).toEqual(before);
    }
    for (;;) {
      const { steps } = await down({ ...options, step: true });
      expect(await hashes(database, configuration), `without ${steps[0]?.id}`).toEqual(before);
      if (steps.length === 0) break;
    }
  });
});

test("they are the same where the build of the index was cut short", async () => {
  const database = await createTestDatabase({ sample: "b" });
  const before = await hashes(database);
  await up({ databaseUrl: database.url, to: "users-email-index" });
  const client = await database.client(database.superuserUrl);
  await client.query(
    "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'users_email_authgraft_idx'::regclass",
  );
  expect(await hashes(database)).toEqual(before);
});

test("they do not depend on who owns the table, who asks, or who was granted what", async () => {
  const database = await createTestDatabase({ sample: "b" });
  const before = await hashes(database);
  const role = await database.createRole("keeper");
  const client = await database.client(database.superuserUrl);
  await client.query(`ALTER TABLE users OWNER TO "${role.name}"; GRANT SELECT ON users TO PUBLIC;
    ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC; COMMENT ON TABLE users IS 'people'`);
  expect(await hashes(database, {}, database.superuserUrl)).toEqual(before);
});

test("they do not depend on whom a policy is for by name, nor on the order of its roles", async () => {
  const database = await createTestDatabase({ sample: "a", users: 5 });
  const [ada, bob] = [await database.createRole("ada"), await database.createRole("bob")];
  const policy = (roles: string) =>
    database.query(`DROP POLICY IF EXISTS own ON users; CREATE POLICY own ON users TO ${roles} USING (true)`);
  await policy(`"${ada.name}", "${bob.name}"`);
  const before = await hashes(database);
  await policy(`"${bob.name}", "${ada.name}"`);
  expect(await hashes(database)).toEqual(before);
  await policy("CURRENT_USER");
  expect(await hashes(database)).toEqual(before);
});

test.each([
  ["a column", "ALTER TABLE users ADD COLUMN note text"],
  ["a default", "ALTER TABLE users ALTER COLUMN username SET DEFAULT 'nobody'"],
  ["a constraint", "ALTER TABLE users ADD CHECK (username <> '')"],
  ["an index", "CREATE INDEX ON users (username, id)"],
  ["a policy", "CREATE POLICY own ON users USING (true)"],
  [
    "a policy that restricts instead of permitting",
    "DROP POLICY standing ON users; CREATE POLICY standing ON users AS RESTRICTIVE TO CURRENT_USER USING (true)",
  ],
  [
    "whether a policy is for everybody",
    "DROP POLICY standing ON users; CREATE POLICY standing ON users USING (true)",
  ],
  [
    "what a trigger's function does",
    "CREATE OR REPLACE FUNCTION standing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.username := NULL; RETURN NEW; END'",
  ],
  [
    "a trigger",
    `CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
     CREATE TRIGGER look BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION look()`,
  ],
])("the schema fingerprint changes with %s", async (_, sql) => {
  const database = await createTestDatabase({ sample: "a", users: 5 });
  await database.query(`CREATE POLICY standing ON users TO CURRENT_USER USING (true);
    CREATE FUNCTION standing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER standing BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION standing()`);
  const before = await hashes(database);
  await database.query(sql);
  expect((await hashes(database)).schema).not.toBe(before.schema);
});

test("the plan hash changes with what the configuration asks for", async () => {
  const database = await createTestDatabase({ sample: "a", users: 5 });
  const plain = (await hashes(database)).plan;
  expect((await hashes(database, { schema: "sign_in" })).plan).not.toBe(plain);
  expect((await hashes(database, { mapping: { email: "mail" } })).plan).not.toBe(plain);
});
