import { describe, expect, test } from "vitest";
import { down } from "../../src/migration/down.ts";
import { createTestDatabase, serverMajor } from "../support/postgres.ts";
import { observe } from "../support/round-trip.ts";

/** What a team may hang on the graft: the statement, how `down` names it, and the statement that takes it away. */
const DEPENDENTS: readonly (readonly [make: string, name: string, remove: string])[] = [
  ["CREATE VIEW team_view AS SELECT email FROM users", "view public.team_view", "DROP VIEW team_view"],
  [
    "CREATE MATERIALIZED VIEW team_stock AS SELECT count(*) FROM users WHERE is_admin",
    "view public.team_stock",
    "DROP MATERIALIZED VIEW team_stock",
  ],
  ["CREATE INDEX team_idx ON users (username, email)", "index public.team_idx", "DROP INDEX team_idx"],
  [
    "CREATE INDEX team_idx ON users (username) WHERE is_admin",
    "index public.team_idx",
    "DROP INDEX team_idx",
  ],
  ["CREATE INDEX team_idx ON users (left(email, 3))", "index public.team_idx", "DROP INDEX team_idx"],
  [
    "ALTER TABLE users ADD CONSTRAINT team_check CHECK (email LIKE '%@%')",
    "constraint team_check",
    "ALTER TABLE users DROP CONSTRAINT team_check",
  ],
  [
    "CREATE STATISTICS team_stats ON username, email FROM users",
    "statistics object public.team_stats",
    "DROP STATISTICS team_stats",
  ],
  [
    "ALTER TABLE users ADD CONSTRAINT team_key UNIQUE (email); CREATE TABLE team (e varchar(255) REFERENCES users (email))",
    "constraint team_e_fkey",
    "DROP TABLE team; ALTER TABLE users DROP CONSTRAINT team_key",
  ],
  [
    "CREATE POLICY team_policy ON users USING (email = current_user)",
    "policy team_policy",
    "DROP POLICY team_policy ON users",
  ],
  [
    "CREATE TRIGGER team_trigger BEFORE UPDATE OF email ON users FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "trigger team_trigger",
    "DROP TRIGGER team_trigger ON users",
  ],
  [
    "CREATE TRIGGER team_trigger BEFORE UPDATE ON users FOR EACH ROW WHEN (NEW.is_admin) EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "trigger team_trigger",
    "DROP TRIGGER team_trigger ON users",
  ],
  [
    "ALTER TABLE users ADD COLUMN folded text GENERATED ALWAYS AS (lower(email)) STORED",
    "column folded of table public.users",
    "ALTER TABLE users DROP COLUMN folded",
  ],
  [
    "CREATE FUNCTION team_function() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(email) FROM users; END",
    "function public.team_function()",
    "DROP FUNCTION team_function()",
  ],
  [
    "CREATE RULE team_rule AS ON UPDATE TO users WHERE NEW.email IS NULL DO ALSO NOTHING",
    "rule team_rule",
    "DROP RULE team_rule ON users",
  ],
  ["CREATE TABLE team_child () INHERITS (users)", "team_child", "DROP TABLE team_child"],
  [
    "CREATE INDEX team_idx ON authgraft.accounts (disabled_at)",
    "index authgraft.team_idx",
    "DROP INDEX authgraft.team_idx",
  ],
  ["CREATE INDEX team_idx ON revoked_tokens (revoked_at)", "index public.team_idx", "DROP INDEX team_idx"],
  [
    "CREATE TRIGGER team_trigger BEFORE UPDATE ON authgraft.accounts FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "trigger team_trigger",
    "DROP TRIGGER team_trigger ON authgraft.accounts",
  ],
  [
    "ALTER TABLE authgraft.accounts ADD COLUMN team_note text",
    "column team_note",
    "ALTER TABLE authgraft.accounts DROP COLUMN team_note",
  ],
  [
    "ALTER TABLE authgraft.sessions ADD CONSTRAINT team_check CHECK (expires_at > created_at)",
    "constraint team_check",
    "ALTER TABLE authgraft.sessions DROP CONSTRAINT team_check",
  ],
  [
    "CREATE VIEW team_view AS SELECT user_id FROM authgraft.sessions",
    "view public.team_view",
    "DROP VIEW team_view",
  ],
  ["CREATE TABLE team (s uuid REFERENCES authgraft.sessions)", "constraint team_s_fkey", "DROP TABLE team"],
  ["CREATE TABLE authgraft.team_table ()", "authgraft.team_table", "DROP TABLE authgraft.team_table"],
  ["CREATE TYPE authgraft.team_type AS ENUM ()", "team_type", "DROP TYPE authgraft.team_type"],
  [
    "CREATE FUNCTION authgraft.team_function() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "team_function()",
    "DROP FUNCTION authgraft.team_function()",
  ],
];

const SINCE_15: typeof DEPENDENTS = [
  [
    "CREATE PUBLICATION team_publication FOR TABLE users (id, email)",
    "publication team_publication",
    "DROP PUBLICATION team_publication",
  ],
];

describe("down", () => {
  test("refuses by name what a team has hung on the graft, and changes nothing", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const options = { databaseUrl: database.url };
    const observer = await observe(database);
    for (const [make, name, remove] of [...DEPENDENTS, ...(serverMajor() >= 15 ? SINCE_15 : [])]) {
      await database.query(make);
      const before = await observer.whole();
      const refused = await down({ ...options, discardData: true });
      expect(refused, make).toMatchObject({ state: "refused", steps: [] });
      expect(refused.refusals.map(({ message }) => message).join("\n"), make).toContain(name);
      expect(await observer.whole(), make).toEqual(before);
      await database.query(remove);
    }
    expect(await down(options)).toMatchObject({ state: "pending", refusals: [] });
  });

  test("leaves alone what a team hung on its own columns since", async () => {
    const database = await createTestDatabase({ sample: "b", grafted: {} });
    const options = { databaseUrl: database.url };
    await database.query(`
      CREATE INDEX team_idx ON users (auth_provider, lower(email));
      ALTER TABLE users ADD COLUMN phone text UNIQUE, ADD CHECK (auth_provider <> '');
      CREATE VIEW team_view AS SELECT id, email, auth_provider FROM users`);
    expect(await down(options)).toMatchObject({ state: "pending", refusals: [] });
    expect((await database.query("SELECT phone FROM users NATURAL JOIN team_view")).rowCount).toBe(200);
  });

  test.each([
    ["its table was dropped", "DROP TABLE authgraft.provenance"],
    ["the schema was dropped", "DROP SCHEMA authgraft CASCADE"],
  ])("without provenance drops nothing: %s", async (_, statement) => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const options = { databaseUrl: database.url };
    await database.query(statement);
    const observer = await observe(database);
    const before = await observer.whole();
    const refused = await down({ ...options, discardData: true });
    expect(refused).toMatchObject({ state: "refused", steps: [] });
    expect(refused.refusals.map(({ code }) => code)).toEqual(["provenance_missing"]);
    expect(await observer.whole()).toEqual(before);
  });

  test("finds nothing to do where nothing was grafted", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const observer = await observe(database);
    const before = await observer.whole();
    expect(await down({ databaseUrl: database.url })).toMatchObject({
      state: "pending",
      steps: [],
      refusals: [],
    });
    expect(await observer.whole()).toEqual(before);
  });
});
