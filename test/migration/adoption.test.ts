import { describe, expect, test } from "vitest";
import type { ConfigurationInput } from "../../src/config/schema.ts";
import { down } from "../../src/migration/down.ts";
import { up } from "../../src/migration/up.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { expectRoundTrip, observe } from "../support/round-trip.ts";

const FITTING = `CREATE TABLE revoked_tokens (
  token_id uuid PRIMARY KEY DEFAULT gen_random_uuid(), jti text UNIQUE NOT NULL, expires_at timestamptz NOT NULL,
  revoked_at timestamptz DEFAULT now(), user_id integer REFERENCES users ON UPDATE CASCADE ON DELETE SET NULL, note text)`;

/** What stood before and does the work is adopted: what is done with each, and the configuration. */
const ADOPTED: readonly (readonly [
  what: string,
  sample: "a" | "b",
  sql: string,
  configuration: ConfigurationInput,
])[] = [
  [
    "B's own statements, run by hand (B17)",
    "b",
    "ALTER TABLE users ADD COLUMN password_hash varchar(255), ALTER COLUMN auth_provider DROP NOT NULL, ALTER COLUMN auth_provider_id DROP NOT NULL",
    {},
  ],
  ["half of B's own statements", "b", "ALTER TABLE users ALTER COLUMN auth_provider_id DROP NOT NULL", {}],
  [
    "an index that does the work",
    "b",
    `CREATE UNIQUE INDEX team_idx ON users (lower(email COLLATE "C")) WHERE email IS NOT NULL`,
    {},
  ],
  [
    "an index over all rows that does the work",
    "b",
    `CREATE UNIQUE INDEX team_idx ON users (lower(email COLLATE "C"))`,
    {},
  ],
  ["a revoked_tokens that fits", "a", FITTING, {}],
  [
    "an empty schema of that name",
    "a",
    "CREATE SCHEMA authgraft; GRANT USAGE ON SCHEMA authgraft TO PUBLIC",
    {},
  ],
  [
    "a role column that says who is an administrator (C12)",
    "b",
    "",
    { mapping: { admin: { column: "role", equals: "admin" } } },
  ],
  ["a plain UNIQUE constraint on email besides", "a", "", { emailUniqueConstraint: true }],
  ["a UNIQUE constraint that was there", "b", "", { emailUniqueConstraint: true }],
  [
    "a nullable email that is not unique",
    "a",
    "ALTER TABLE users ADD COLUMN email varchar(255)",
    { emailUniqueConstraint: true },
  ],
  ["its own is_admin", "a", "ALTER TABLE users ADD COLUMN is_admin boolean NOT NULL DEFAULT false", {}],
];

describe("up, down, up", () => {
  test.each(ADOPTED)("with %s", async (_, sample, sql, configuration) => {
    const database = await createTestDatabase({ sample });
    if (sql !== "") await database.query(sql);
    await expectRoundTrip(database, configuration, await observe(database));
  });

  test("adds no is_admin where a column of the application's own decides (C12)", async () => {
    const database = await createTestDatabase({ sample: "b" });
    const configuration = { mapping: { admin: { column: "role", equals: "admin" } } };
    await up({ databaseUrl: database.url, configuration });
    const { rowCount } = await database.query("SELECT FROM pg_attribute WHERE attname = 'is_admin'");
    expect(rowCount).toBe(0);
  });

  test("values in columns that were the application's before are no loss, and stay", async () => {
    const database = await createTestDatabase({ sample: "b" });
    const options = { databaseUrl: database.url };
    await database.query(
      "ALTER TABLE users ADD COLUMN password_hash varchar(255); UPDATE users SET password_hash = 'x'",
    );
    await up(options);
    expect(await down(options)).toMatchObject({ state: "pending", losses: [] });
    expect((await database.query("SELECT FROM users WHERE password_hash = 'x'")).rowCount).toBe(200);
  });
});
