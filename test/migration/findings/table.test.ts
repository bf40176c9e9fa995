import { describe, expect, test } from "vitest";
import { createTestDatabase } from "../../support/postgres.ts";
import { findingsOf, findingsWith, testCases } from "./support.ts";

describe("what is no plain table of the application's own is refused by name", () => {
  testCases([
    {
      name: "a view, with the table behind it",
      code: "not_a_table",
      severity: "refusal",
      object: "public.people",
      plant: "CREATE VIEW people AS SELECT id, username, created_at FROM users",
      configuration: { table: "people" },
      tells: ["is a view", "--table public.users"],
      remedy: { configuration: { table: "public.users" } },
    },
    {
      name: "a materialized view",
      code: "not_a_table",
      severity: "refusal",
      object: "public.people",
      plant: "CREATE MATERIALIZED VIEW people AS SELECT * FROM users",
      configuration: { table: "people" },
      tells: ["is a materialized view", "--table public.users"],
      remedy: { configuration: { table: "users" } },
    },
    {
      name: "a foreign table",
      code: "not_a_table",
      severity: "refusal",
      object: "public.people",
      as: "superuser",
      plant: `CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
        CREATE FOREIGN TABLE people (id integer) SERVER files OPTIONS (filename '/dev/null')`,
      configuration: { table: "people" },
      tells: ["is a foreign table"],
      remedy: { configuration: { table: "users" } },
    },
    {
      name: "a partitioned table, with the reason",
      code: "table_partitioned",
      severity: "refusal",
      object: "public.people",
      plant: `CREATE TABLE people (id bigint, region text, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
        CREATE TABLE people_north PARTITION OF people FOR VALUES IN ('north')`,
      configuration: { table: "people" },
      tells: ["is partitioned", "same email could stand in two partitions"],
      remedy: { configuration: { table: "users" } },
    },
    {
      name: "a partition",
      code: "table_partition",
      severity: "refusal",
      object: "public.people_north",
      plant: `CREATE TABLE people (id bigint PRIMARY KEY) PARTITION BY RANGE (id);
        CREATE TABLE people_north PARTITION OF people FOR VALUES FROM (0) TO (1000)`,
      configuration: { table: "people_north" },
      tells: ["is a partition of public.people"],
      remedy: { configuration: { table: "users" } },
    },
    {
      name: "a typed table",
      code: "table_typed",
      severity: "refusal",
      object: "public.people",
      plant:
        "CREATE TYPE person AS (id integer, username text); CREATE TABLE people OF person (PRIMARY KEY (id))",
      configuration: { table: "people" },
      tells: ["made OF a type"],
    },
    {
      name: "a table that inherits",
      code: "table_inherits",
      severity: "refusal",
      object: "public.users",
      plant: "CREATE TABLE beings (created_at timestamptz NOT NULL); ALTER TABLE users INHERIT beings",
      tells: ["inherits from public.beings", "NO INHERIT"],
    },
    {
      name: "a table with children",
      code: "table_has_children",
      severity: "refusal",
      object: "public.users",
      plant: 'CREATE TABLE "Old Users" () INHERITS (users)',
      tells: ['is inherited by public."Old Users"'],
    },
    {
      name: "an unlogged table",
      code: "table_unlogged",
      severity: "refusal",
      object: "public.people",
      plant: "CREATE UNLOGGED TABLE people (id integer PRIMARY KEY)",
      configuration: { table: "people" },
      tells: ["UNLOGGED", "empty after a crash"],
    },
    {
      name: "a table of an extension",
      code: "table_of_extension",
      severity: "refusal",
      object: "public.users",
      as: "superuser",
      plant: "CREATE EXTENSION citext; ALTER EXTENSION citext ADD TABLE users",
      tells: ["belongs to the extension citext"],
    },
  ]);

  test("nothing else is said of a view", async () => {
    const database = await createTestDatabase({ sample: "a" });
    await database.query("CREATE VIEW people AS SELECT * FROM users");
    const findings = await findingsOf(database, { configuration: { table: "people" } });
    expect(findings.map(({ code }) => code)).toEqual(["not_a_table"]);
  });
});

describe("the primary key", () => {
  const people = { table: "people" };
  testCases([
    {
      name: "none, with an id to make it of",
      code: "primary_key_missing",
      severity: "refusal",
      object: "public.people",
      plant: 'CREATE TABLE people ("Id" bigint NOT NULL, username text)',
      configuration: people,
      tells: ["has no primary key", 'ADD PRIMARY KEY ("Id")'],
    },
    {
      name: "none, with a unique index to make it of",
      code: "primary_key_missing",
      severity: "refusal",
      object: "public.people",
      plant:
        "CREATE TABLE people (number uuid NOT NULL); CREATE UNIQUE INDEX people_number ON people (number)",
      configuration: people,
      tells: ['USING INDEX "people_number"'],
    },
    {
      name: "none, and nothing to make it of",
      code: "primary_key_missing",
      severity: "refusal",
      object: "public.people",
      plant: "CREATE TABLE people (username text)",
      configuration: people,
      tells: ["GENERATED BY DEFAULT AS IDENTITY"],
    },
    {
      name: "composite",
      code: "primary_key_composite",
      severity: "refusal",
      object: "public.people",
      plant: "CREATE TABLE people (tenant integer, id integer, PRIMARY KEY (tenant, id))",
      configuration: people,
      tells: ["tenant, id"],
      remedy: `ALTER TABLE people DROP CONSTRAINT people_pkey, ADD PRIMARY KEY (id), ADD UNIQUE (tenant, id)`,
    },
    {
      name: "deferrable",
      code: "primary_key_deferrable",
      severity: "refusal",
      object: "public.people",
      plant: "CREATE TABLE people (id integer PRIMARY KEY DEFERRABLE)",
      configuration: people,
      tells: ["no foreign key"],
    },
    {
      name: "of a type that is not served",
      code: "primary_key_type",
      severity: "refusal",
      object: "public.people.id",
      plant: "CREATE TABLE people (id char(26) PRIMARY KEY)",
      configuration: people,
      tells: [/character\(26\)/, "smallint, integer, bigint, uuid, text and varchar"],
      remedy: "ALTER TABLE people ALTER COLUMN id TYPE text",
    },
    {
      name: "of a domain that takes no NULL",
      code: "primary_key_domain_not_null",
      severity: "refusal",
      object: "public.people.id",
      plant: "CREATE DOMAIN person_id AS bigint NOT NULL; CREATE TABLE people (id person_id PRIMARY KEY)",
      configuration: people,
      tells: ["deleting a user would fail"],
    },
    {
      name: "of a nondeterministic collation",
      code: "primary_key_collation",
      severity: "refusal",
      object: "public.people.id",
      plant: `CREATE COLLATION careless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        CREATE TABLE people (id text COLLATE careless PRIMARY KEY)`,
      configuration: people,
      tells: ["nondeterministic"],
      remedy: `ALTER TABLE people ALTER COLUMN id TYPE text COLLATE "C"`,
    },
    {
      name: "not the column that mapping.id names",
      code: "id_not_primary_key",
      severity: "refusal",
      object: "public.users.username",
      plant: "SELECT",
      configuration: { mapping: { id: "username", username: null } },
      tells: ['Set mapping.id to "id"'],
      remedy: { configuration: {} },
    },
  ]);

  test.for(["smallint", "integer", "bigint", "uuid", "text", "varchar(26)", "person_id"])(
    "%s is served",
    async (type) => {
      const database = await createTestDatabase();
      await database.query(
        `CREATE DOMAIN person_id AS bigint; CREATE TABLE people (id ${type} PRIMARY KEY, username text UNIQUE)`,
      );
      const asking = { configuration: { table: "people", registration: "off" as const } };
      const findings = await findingsOf(database, asking);
      expect(findings.filter(({ severity }) => severity === "refusal")).toEqual([]);
    },
  );
});

describe("row-level security", () => {
  testCases([
    {
      name: "forced on the owner is refused",
      code: "row_security_forced",
      severity: "refusal",
      object: "public.users",
      plant: "ALTER TABLE users ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
      tells: ["forced"],
    },
    {
      name: "on the others is a warning",
      code: "row_security",
      severity: "warning",
      object: "public.users",
      plant: "ALTER TABLE users ENABLE ROW LEVEL SECURITY",
      tells: ["app_owner", "BYPASSRLS"],
      remedy: "ALTER TABLE users DISABLE ROW LEVEL SECURITY",
    },
  ]);

  test("names the role of the server where the configuration does", async () => {
    const database = await createTestDatabase({ sample: "a" });
    await database.query("ALTER TABLE users ENABLE ROW LEVEL SECURITY");
    const asking = { configuration: { serverRole: "sign_in" } };
    const [finding] = await findingsWith("row_security", database, asking);
    expect(finding?.fix).toBe('ALTER ROLE "sign_in" BYPASSRLS;');
  });
});
