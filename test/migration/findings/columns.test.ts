import { describe, expect, test } from "vitest";
import { createTestDatabase, serverMajor } from "../../support/postgres.ts";
import { type Case, findingsWith, testCases } from "./support.ts";

const onB = { sample: "b" } as const;

describe("the mapping", () => {
  testCases([
    {
      name: "a column that is not there, with near matches",
      code: "mapping_column_missing",
      severity: "refusal",
      object: "public.users.user_name",
      plant: "SELECT",
      configuration: { mapping: { username: "user_name" } },
      tells: ["mapping.username", 'Did you mean "username"'],
      remedy: { configuration: { mapping: { username: "username" } } },
    },
    {
      name: "a column that is not there, and nothing like it",
      code: "mapping_column_missing",
      severity: "refusal",
      object: "public.users.zzz",
      plant: "SELECT",
      configuration: { mapping: { deleted: "zzz" } },
      tells: ["one of its columns: id, username, created_at"],
      remedy: { configuration: {} },
    },
    {
      name: "a column for administrators that is not there",
      code: "mapping_column_missing",
      severity: "refusal",
      object: "public.users.rol",
      start: onB,
      plant: "SELECT",
      configuration: { mapping: { admin: { column: "rol", equals: "admin" } } },
      tells: ["mapping.admin", '"role"'],
      remedy: { configuration: { mapping: { admin: { column: "role", equals: "admin" } } } },
    },
    {
      name: "a column to be added, where there is one of nearly that name",
      code: "mapping_column_added",
      severity: "warning",
      object: "public.users.emial",
      start: onB,
      plant: "SELECT",
      configuration: { mapping: { email: "emial" } },
      tells: ['mapping.email to "email"'],
      remedy: { configuration: { mapping: { email: "email" } } },
    },
    {
      name: "two parts in one column",
      code: "mapping_column_shared",
      severity: "refusal",
      object: "public.users.email",
      start: onB,
      plant: "SELECT",
      configuration: { mapping: { username: "email" } },
      tells: ["username, email"],
      remedy: { configuration: {} },
    },
    {
      name: "a part in a generated column",
      code: "mapping_column_generated",
      severity: "refusal",
      object: "public.users.full_name",
      plant: "ALTER TABLE users ADD COLUMN full_name text GENERATED ALWAYS AS (upper(username)) STORED",
      tells: ["PostgreSQL computes it", "mapping.display_name to null"],
      remedy: { configuration: { mapping: { display_name: null } } },
    },
    {
      name: "administrators in a generated column",
      code: "mapping_column_generated",
      severity: "refusal",
      object: "public.users.is_admin",
      plant: "ALTER TABLE users ADD COLUMN is_admin boolean GENERATED ALWAYS AS (username = 'root') STORED",
      tells: ['{"column": "is_admin", "equals": "true"}'],
      remedy: { configuration: { mapping: { admin: { column: "is_admin", equals: "true" } } } },
    },
    {
      name: "an email in a generated column",
      code: "mapping_column_generated",
      severity: "refusal",
      object: "public.users.email",
      plant: "ALTER TABLE users ADD COLUMN email text GENERATED ALWAYS AS (lower(username)) STORED",
      tells: ["mapping.email"],
      remedy: { configuration: { mapping: { email: "login_email" } } },
    },
  ]);
});

describe("the columns for signing in, where the table has them already", () => {
  const column = (name: string, type: string) => `ALTER TABLE users ADD COLUMN ${name} ${type}`;
  const cases: Case[] = [
    {
      name: "an email that is no text",
      code: "email_type",
      severity: "refusal",
      object: "public.users.email",
      plant: column("email", "jsonb"),
      tells: ["of type jsonb"],
      remedy: { configuration: { mapping: { email: "login_email" } } },
    },
    {
      name: "an email padded with blanks",
      code: "email_type",
      severity: "refusal",
      object: "public.users.email",
      plant: column("email", "char(255)"),
      tells: ["pads with blanks"],
    },
    {
      name: "an email that is short",
      code: "email_short",
      severity: "warning",
      object: "public.users.email",
      plant: column("email", "varchar(100)"),
      tells: ["takes 100 characters", "254"],
    },
    {
      name: "an email that is too short",
      code: "email_too_short",
      severity: "refusal",
      object: "public.users.email",
      plant: `CREATE DOMAIN address AS varchar(50); ${column("email", "address")}`,
      tells: ["takes 50 characters"],
    },
    {
      name: "a hash that is no text",
      code: "password_hash_type",
      severity: "refusal",
      object: "public.users.password_hash",
      plant: column("password_hash", "bytea"),
      tells: ["of type bytea"],
      remedy: { configuration: { mapping: { password_hash: "password_hash_text" } } },
    },
    {
      name: "a hash column made for bcrypt, where argon2id is to go",
      code: "password_hash_too_short",
      severity: "refusal",
      object: "public.users.encrypted_password",
      plant: column("encrypted_password", "varchar(60)"),
      tells: ["takes 60 characters", "argon2id has 97"],
    },
    {
      name: "the same where the configuration says bcrypt",
      code: "password_hash_too_short",
      severity: "refusal",
      object: "public.users.encrypted_password",
      plant: column("encrypted_password", "varchar(60)"),
      tells: [],
      remedy: { configuration: { passwords: { algorithm: "bcrypt" } } },
    },
    {
      name: "administrators that are no yes or no",
      code: "is_admin_type",
      severity: "refusal",
      object: "public.users.is_admin",
      plant: column("is_admin", "integer NOT NULL DEFAULT 0"),
      tells: ["mapping.admin"],
      remedy: { configuration: { mapping: { admin: { column: "is_admin", equals: "1" } } } },
    },
    {
      name: "administrators that may be NULL",
      code: "is_admin_nullable",
      severity: "warning",
      object: "public.users.is_admin",
      plant: column("is_admin", "boolean"),
      tells: ["may be NULL"],
    },
    {
      name: "a username that is no text",
      code: "username_type",
      severity: "refusal",
      object: "public.users.login",
      plant: `ALTER TABLE users DROP COLUMN username, ADD COLUMN login timestamptz`,
      tells: ["of type timestamp with time zone"],
      remedy: { configuration: { mapping: { username: null } } },
    },
  ];
  testCases(cases);

  test.for(["text", "varchar(255)", "varchar(254)", "address"])("an email of type %s fits", async (type) => {
    const database = await createTestDatabase({ sample: "a" });
    await database.query(`CREATE DOMAIN address AS text; ${column("email", type)}`);
    for (const code of ["email_type", "email_short", "email_too_short"]) {
      expect(await findingsWith(code, database)).toEqual([]);
    }
  });

  test("an email of type citext fits", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const superuser = await database.client(database.superuserUrl);
    await superuser.query("CREATE EXTENSION citext");
    await database.query(column("email", "citext"));
    expect(await findingsWith("email_type", database)).toEqual([]);
  });
});

describe("the provider columns", () => {
  testCases([
    {
      name: "NOT NULL in the replica identity",
      code: "provider_in_replica_identity",
      severity: "refusal",
      object: "users_provider",
      start: { sample: "b", users: 0 },
      plant: `CREATE UNIQUE INDEX users_provider ON users (auth_provider, auth_provider_id);
        ALTER TABLE users REPLICA IDENTITY USING INDEX users_provider`,
      tells: ["auth_provider and auth_provider_id"],
    },
    {
      name: "of a domain that takes no NULL",
      code: "provider_domain_not_null",
      severity: "refusal",
      object: "public.users.provider",
      plant:
        "CREATE DOMAIN provider AS text DEFAULT 'x' NOT NULL; ALTER TABLE users ADD COLUMN provider provider",
      tells: ["domain that takes no NULL"],
    },
    {
      name: "a provider that is no text",
      code: "provider_type",
      severity: "refusal",
      object: "public.users.provider",
      plant: "CREATE TYPE provider AS ENUM ('google'); ALTER TABLE users ADD COLUMN provider provider",
      tells: ["public.provider", "mapping.auth_provider"],
      remedy: { configuration: { mapping: { auth_provider: null } } },
    },
    {
      name: "a CHECK that knows the old providers only",
      code: "provider_check",
      severity: "acceptable",
      object: "known_providers",
      start: { sample: "b", users: 0 },
      plant: "ALTER TABLE users ADD CONSTRAINT known_providers CHECK (auth_provider IN ('google', 'github'))",
      tells: ["every registration would fail"],
    },
  ]);

  test("a CHECK that lets 'email' in is not spoken of", async () => {
    const database = await createTestDatabase({ sample: "b", users: 0 });
    await database.query(
      "ALTER TABLE users ADD CHECK (auth_provider IN ('google', 'email')), ADD CHECK (length(auth_provider) > 2)",
    );
    expect(await findingsWith("provider_check", database)).toEqual([]);
  });
});

describe("UNIQUE NULLS NOT DISTINCT on the provider pair", () => {
  const index =
    "CREATE UNIQUE INDEX one_account ON users (auth_provider, auth_provider_id) NULLS NOT DISTINCT";
  const constraint =
    "ALTER TABLE users ADD CONSTRAINT one_account UNIQUE NULLS NOT DISTINCT (auth_provider, auth_provider_id)";
  const cases: Case[] = [index, constraint].map((plant) => ({
    name: plant.replace(/ .*/, ""),
    code: "provider_nulls_not_distinct",
    severity: "refusal",
    object: "one_account",
    start: { sample: "b", users: 0 },
    plant,
    tells: ["the second of them is refused"],
  }));
  testCases(serverMajor() >= 15 ? cases : []);

  test("stands only where PostgreSQL has it, from 15 on", async () => {
    const database = await createTestDatabase({ sample: "b", users: 0 });
    const planted = database.query(index);
    await (serverMajor() >= 15 ? planted : expect(planted).rejects.toThrow("syntax error"));
  });
});

describe("what registration cannot fill", () => {
  const required = `ALTER TABLE users ADD COLUMN country varchar(2) NOT NULL DEFAULT 'NO',
      ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now(), ADD COLUMN newsletter boolean NOT NULL DEFAULT false;
    ALTER TABLE users ALTER COLUMN country DROP DEFAULT, ALTER COLUMN updated_at DROP DEFAULT, ALTER COLUMN newsletter DROP DEFAULT`;

  testCases([
    {
      name: "NOT NULL columns are named, and go by values in the configuration",
      code: "registration_values_missing",
      severity: "refusal",
      object: "public.users",
      plant: required,
      tells: [
        "country, updated_at, newsletter",
        '{"country":"","updated_at":{"sql":"now()"},"newsletter":false}',
      ],
      remedy: {
        configuration: {
          registration: { values: { country: "NO", updated_at: { sql: "now()" }, newsletter: false } },
        },
      },
    },
    {
      name: "nothing is to be filled where nobody registers",
      code: "registration_values_missing",
      severity: "refusal",
      object: "public.users",
      plant: required,
      tells: ['registration to "off"'],
      remedy: { configuration: { registration: "off" } },
    },
    {
      name: "a domain that takes no NULL",
      code: "registration_values_missing",
      severity: "refusal",
      object: "public.users",
      start: { sample: "a", users: 0 },
      plant: "CREATE DOMAIN country AS text NOT NULL; ALTER TABLE users ADD COLUMN country country",
      tells: ["country"],
      remedy: { configuration: { registration: { values: { country: "NO" } } } },
    },
    {
      name: "ids that nobody makes",
      code: "registration_id_missing",
      severity: "refusal",
      object: "public.users.id",
      plant: "ALTER TABLE users ALTER COLUMN id DROP DEFAULT",
      tells: ["registration.generateId"],
      remedy: { configuration: { registration: { generateId: () => "7" } } },
    },
    {
      name: "a value for a column that is not there",
      code: "registration_value_unwritable",
      severity: "refusal",
      object: "public.users.contry",
      plant: "ALTER TABLE users ADD COLUMN country text",
      configuration: { registration: { values: { contry: "NO" } } },
      tells: ['did you mean "country"'],
      remedy: { configuration: { registration: { values: { country: "NO" } } } },
    },
    {
      name: "a value for a generated column",
      code: "registration_value_unwritable",
      severity: "refusal",
      object: "public.users.shout",
      plant: "ALTER TABLE users ADD COLUMN shout text GENERATED ALWAYS AS (upper(username)) STORED",
      configuration: { registration: { values: { shout: "ADA" } } },
      tells: ["computes itself"],
      remedy: { configuration: {} },
    },
    {
      name: "a value for what the user gives",
      code: "registration_value_unwritable",
      severity: "refusal",
      object: "public.users.username",
      plant: "SELECT",
      configuration: { registration: { values: { username: "ada" } } },
      tells: ["what the user gives"],
      remedy: { configuration: {} },
    },
  ]);

  test("columns with a default, an identity, a generated or a mapped one are no hindrance", async () => {
    const database = await createTestDatabase({ sample: "b" });
    await database.query(`CREATE DOMAIN country AS text DEFAULT 'NO';
      ALTER TABLE users ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY,
        ADD COLUMN country country NOT NULL, ADD COLUMN is_admin boolean NOT NULL DEFAULT true, ADD COLUMN shout text NOT NULL GENERATED ALWAYS AS (upper(username)) STORED;
      ALTER TABLE users ALTER COLUMN is_admin DROP DEFAULT`);
    expect(await findingsWith("registration_values_missing", database)).toEqual([]);
    expect(await findingsWith("registration_id_missing", database)).toEqual([]);
  });
});
