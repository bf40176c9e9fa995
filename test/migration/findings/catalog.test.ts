import { describe, expect, test } from "vitest";
import { graft } from "../../support/graft.ts";
import { createTestDatabase } from "../../support/postgres.ts";
import { type Case, findingsOf, findingsWith, testCases } from "./support.ts";

const asSuperuser = { as: "superuser" } as const;

describe("other objects that read or write the table", () => {
  const rows = (name: string, plant: string, object: string): Case => ({
    name: `whole rows in ${name}`,
    code: "row_type_used",
    severity: "refusal",
    object,
    plant,
    tells: ["no column with a default"],
  });
  testCases([
    rows("a column", "CREATE TABLE kept (id integer, who users)", "public.kept.who"),
    rows("a column of an array", "CREATE TABLE kept (who users[])", "public.kept.who"),
    rows(
      "a column of a domain",
      "CREATE DOMAIN somebody AS users; CREATE TABLE kept (who somebody)",
      "public.kept.who",
    ),
    rows(
      "a column of a type around it",
      'CREATE TYPE pair AS (one users, other users); CREATE TABLE "Kept" ("Who" pair)',
      "public.Kept.Who",
    ),
    {
      ...rows(
        "a materialized view",
        "CREATE MATERIALIZED VIEW kept AS SELECT u AS who FROM users u",
        "public.kept.who",
      ),
      remedy: `DROP MATERIALIZED VIEW kept; CREATE MATERIALIZED VIEW kept AS SELECT to_jsonb(u) AS who FROM users u`,
    },
    {
      name: "a rule in the place of INSERT",
      code: "rule_replaces_writes",
      severity: "acceptable",
      object: "no_root",
      plant: "CREATE RULE no_root AS ON INSERT TO users WHERE NEW.username = 'root' DO INSTEAD NOTHING",
      tells: ["registration fails"],
    },
    {
      name: "a rule in the place of UPDATE",
      code: "rule_replaces_writes",
      severity: "acceptable",
      object: "keep root",
      plant: `CREATE RULE "keep root" AS ON UPDATE TO users WHERE OLD.username = 'root' DO INSTEAD NOTHING`,
      tells: ["setting a password fails"],
    },
    {
      name: "a rule beside DELETE",
      code: "rule_on_table",
      severity: "warning",
      object: "keep",
      plant: `CREATE TABLE old_users AS SELECT * FROM users WITH NO DATA;
        CREATE RULE keep AS ON DELETE TO users DO ALSO INSERT INTO old_users SELECT OLD.*`,
      tells: ["rewrites every DELETE"],
    },
    {
      ...asSuperuser,
      name: "an event trigger",
      code: "event_trigger",
      severity: "warning",
      object: "watch",
      plant: `CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
        CREATE EVENT TRIGGER watch ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION watch()`,
      tells: ["public.watch()", "ddl_command_end"],
    },
  ]);

  test("an event trigger for other statements is not spoken of", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const superuser = await database.client(database.superuserUrl);
    await superuser.query(`CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
      CREATE EVENT TRIGGER watch ON ddl_command_end WHEN TAG IN ('CREATE VIEW') EXECUTE FUNCTION watch();
      CREATE EVENT TRIGGER asleep ON ddl_command_start EXECUTE FUNCTION watch();
      ALTER EVENT TRIGGER asleep DISABLE`);
    expect(await findingsWith("event_trigger", database)).toEqual([]);
  });

  test("PostgreSQL really refuses the column while rows are stored elsewhere", async () => {
    const database = await createTestDatabase({ sample: "a" });
    await database.query("CREATE TABLE kept (who users)");
    await expect(graft(database)).rejects.toThrow("row_type_used");
    await expect(
      database.query("ALTER TABLE users ADD COLUMN is_admin boolean NOT NULL DEFAULT false"),
    ).rejects.toThrow('column "kept.who" uses its row type');
    const role = { configuration: { mapping: { admin: { column: "username", equals: "root" } } } };
    expect(await findingsWith("row_type_used", database, role)).toEqual([]);
    await database.query("ALTER TABLE users ADD COLUMN email varchar(255)");
  });
});

describe("prepared statements", () => {
  test("are foretold, and fail as foretold", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const [finding] = await findingsWith("prepared_select_star", database);
    expect(finding).toMatchObject({ severity: "warning", object: "public.users" });
    for (const told of [
      "JDBC",
      "pgx",
      "asyncpg",
      "ActiveRecord",
      "cached plan must not change result type",
    ]) {
      expect(finding?.message).toContain(told);
    }
    const client = await database.client();
    await client.query(
      "PREPARE starred AS SELECT * FROM users LIMIT 1; PREPARE named AS SELECT id FROM users",
    );
    await graft(database);
    await expect(client.query("EXECUTE starred")).rejects.toThrow("cached plan must not change result type");
    await expect(client.query("EXECUTE starred")).rejects.toThrow("cached plan must not change result type");
    await client.query("EXECUTE named");
    expect(await findingsWith("prepared_select_star", database)).toEqual([]);
  });

  test("the drivers that are connected are named", async () => {
    const database = await createTestDatabase({ sample: "a" });
    await database.client(`${database.url}?application_name=PostgreSQL%20JDBC%20Driver`);
    const [finding] = await findingsWith("prepared_select_star", database);
    expect(finding?.evidence?.answer).toBe("connected: JDBC");
  });
});

describe("the application's upsert by email", () => {
  test("is foretold where it has a unique email of its own, and fails as foretold", async () => {
    const database = await createTestDatabase({ sample: "b" });
    expect(await findingsWith("upsert_by_email", database)).toMatchObject([
      { severity: "warning", object: "public.users.email", evidence: { answer: "users_email_key" } },
    ]);
    await graft(database);
    const upsert = (email: string) =>
      database.query(
        `INSERT INTO users (username, display_name, email, auth_provider, auth_provider_id)
          VALUES ('ada_l', 'Ada', $1, 'google', '1') ON CONFLICT (email) DO UPDATE SET display_name = 'Ada L.'`,
        [email],
      );
    await upsert("ada.l@example.com");
    await upsert("ada.l@example.com");
    await database.query("UPDATE users SET username = 'ada_l_2' WHERE username = 'ada_l'");
    await expect(upsert("Ada.L@example.com")).rejects.toThrow("duplicate key");
    expect(await findingsWith("upsert_by_email", database)).toEqual([]);
  });

  test("is nobody's where the graft adds the email", async () => {
    const database = await createTestDatabase({ sample: "a" });
    expect(await findingsWith("upsert_by_email", database)).toEqual([]);
  });
});

describe("the two samples as they are", () => {
  const expected = {
    a: ["prepared_select_star", "statistics_hidden"],
    b: ["prepared_select_star", "upsert_by_email", "statistics_hidden"],
  };
  test.for(["a", "b"] as const)(
    "%s has nothing in the way, and the warnings that belong to it",
    async (sample) => {
      const database = await createTestDatabase({ sample });
      const findings = await findingsOf(database);
      const common = findings.filter(({ code }) => code !== "usernames_with_at");
      expect(common.map(({ code }) => code)).toEqual(expected[sample]);
      expect(findings.every(({ severity }) => severity === "warning")).toBe(true);
    },
  );

  test.for(["a", "b"] as const)("%s has no findings left once it is grafted", async (sample) => {
    const database = await createTestDatabase({ sample });
    await graft(database);
    expect(await findingsOf(database)).toEqual([]);
  });

  test("what is found reads as sentences, with the query and the remedy", async () => {
    const database = await createTestDatabase({ sample: "b", emailCaseDuplicates: 1 });
    for (const { message, fix, evidence, object } of await findingsOf(database)) {
      expect(message).toMatch(/[.?]$/);
      expect(message.length).toBeLessThan(400);
      expect(`${message} ${fix} ${object}`).not.toMatch(/undefined|null|NaN|\[object/);
      expect(fix).toMatch(/[.?;]$/);
      expect(evidence?.sql).toMatch(/^(SELECT|WITH)/);
    }
  });
});
