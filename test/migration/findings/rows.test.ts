import { describe, expect, test } from "vitest";
import { graft } from "../../support/graft.ts";
import { createTestDatabase } from "../../support/postgres.ts";
import { findingsWith, testCases } from "./support.ts";

describe("emails that differ in upper and lower case only", () => {
  test("are refused, listed with their ids, and gone when one of each group is changed", async () => {
    const database = await createTestDatabase({ sample: "b", users: 50, emailCaseDuplicates: 3 });
    const [finding, ...more] = await findingsWith("email_duplicates", database);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      severity: "refusal",
      acceptable: false,
      object: "public.users.email",
      message: expect.stringContaining("3 values in public.users are held by several users"),
    });
    const { rows } = await database.query<{ email: string; id: string }>(
      `SELECT email, id::text AS id FROM users WHERE lower(email COLLATE "C") IN
        (SELECT lower(email COLLATE "C") FROM users GROUP BY 1 HAVING count(*) > 1)`,
    );
    expect(rows).toHaveLength(6);
    for (const { email, id } of rows) {
      expect(finding?.evidence?.answer).toContain(email);
      expect(finding?.evidence?.answer).toContain(id);
    }
    await database.query(
      `UPDATE users u SET email = 'other.' || email WHERE EXISTS (SELECT FROM users o
        WHERE lower(o.email COLLATE "C") = lower(u.email COLLATE "C") AND o.id < u.id)`,
    );
    expect(await findingsWith("email_duplicates", database)).toEqual([]);
  });

  test("are shown in ten groups at the most, with the count of all", async () => {
    const database = await createTestDatabase({ sample: "a", users: 0 });
    await database.query(`ALTER TABLE users ADD COLUMN email text;
      INSERT INTO users (username, created_at, email)
        SELECT 'user ' || n, now(), CASE WHEN n % 2 = 0 THEN 'Ada' ELSE 'ada' END || n / 2 || '@example.com'
        FROM generate_series(0, 29) n`);
    const [finding] = await findingsWith("email_duplicates", database);
    expect(finding?.message).toContain("15 values");
    expect(finding?.evidence?.answer.match(/\(ids /g)).toHaveLength(10);
    expect(finding?.evidence?.answer).toContain("and 5 more groups");
  });

  test("are told from emails that differ in a letter beyond ASCII", async () => {
    const database = await createTestDatabase({ sample: "a", users: 0 });
    await database.query(`ALTER TABLE users ADD COLUMN "E-Mail" varchar(255);
      INSERT INTO users (username, created_at, "E-Mail") VALUES
        ('a', now(), 'Élodie@example.com'), ('b', now(), 'élodie@example.com'), ('c', now(), NULL), ('d', now(), NULL)`);
    const asking = { configuration: { mapping: { email: "E-Mail" } } };
    expect(await findingsWith("email_duplicates", database, asking)).toEqual([]);
  });

  test("count among the rows that are marked as deleted", async () => {
    const database = await createTestDatabase({ sample: "b", users: 50, emailCaseDuplicates: 1 });
    await database.query("ALTER TABLE users ADD COLUMN deleted_at timestamptz");
    const [finding] = await findingsWith("email_duplicates", database);
    expect(finding?.message).toContain("One value in public.users is held");
    expect(finding?.message).toContain("deleted_at");
  });
});

describe("accounts at a provider that several users have", () => {
  const plant = `UPDATE users SET auth_provider = 'google', auth_provider_id = 'twice'
    WHERE id IN (SELECT id FROM users ORDER BY id LIMIT 2)`;

  test("are an acceptable refusal with the ids, and a warning once accepted", async () => {
    const database = await createTestDatabase({ sample: "b" });
    await database.query(plant);
    const ids = await database.query<{ id: string }>("SELECT id FROM users ORDER BY id LIMIT 2");
    const [finding] = await findingsWith("provider_duplicates", database);
    expect(finding).toMatchObject({ severity: "refusal", acceptable: true, object: "public.users" });
    for (const { id } of ids.rows) expect(finding?.evidence?.answer).toContain(id);
    const configuration = { accept: ["provider_duplicates"] };
    expect(await findingsWith("provider_duplicates", database, { configuration })).toMatchObject([
      { severity: "warning" },
    ]);
  });

  test("are a warning on a database that is grafted", async () => {
    const database = await createTestDatabase({ sample: "b" });
    await graft(database);
    await database.query(plant);
    expect(await findingsWith("provider_duplicates", database)).toMatchObject([{ severity: "warning" }]);
  });

  test("go when one of them is changed, and cannot come back with the index that the fix names", async () => {
    const database = await createTestDatabase({ sample: "b" });
    await database.query(plant);
    const [finding] = await findingsWith("provider_duplicates", database);
    await database.query(
      "UPDATE users SET auth_provider_id = 'once' WHERE id = (SELECT id FROM users ORDER BY id LIMIT 1)",
    );
    expect(await findingsWith("provider_duplicates", database)).toEqual([]);
    await database.query(/CREATE UNIQUE INDEX.*;/.exec(finding?.fix ?? "")?.[0] ?? "");
    await expect(database.query(plant)).rejects.toThrow("duplicate key");
  });
});

describe("usernames, deleted rows and hashes that are there", () => {
  testCases([
    {
      name: "usernames that nothing keeps unique",
      code: "username_not_unique",
      alone: true,
      severity: "warning",
      object: "public.users.username",
      plant: "ALTER TABLE users DROP CONSTRAINT users_username_key",
      tells: ["two users have is refused"],
    },
    {
      name: "usernames that are unique among some rows only",
      code: "username_not_unique",
      alone: true,
      severity: "warning",
      object: "public.users.username",
      plant: `ALTER TABLE users DROP CONSTRAINT users_username_key;
        CREATE UNIQUE INDEX ON users (username) WHERE id > 10`,
      tells: ["CREATE UNIQUE INDEX CONCURRENTLY"],
    },
    {
      name: "rows that are marked as deleted",
      code: "deleted_rows",
      severity: "warning",
      object: "public.users.deleted_at",
      plant: "ALTER TABLE users ADD COLUMN deleted_at timestamptz",
      tells: ["no login", "stay taken"],
      remedy: { configuration: { mapping: { deleted: null } } },
    },
    {
      name: "usernames with an @, counted",
      code: "usernames_with_at",
      severity: "warning",
      object: "public.users.username",
      start: { sample: "a", users: 0 },
      plant: "INSERT INTO users (username, created_at) VALUES ('ada@example.com', now()), ('bo@', now())",
      tells: ["2 usernames contain an @", 'sends it as "username"'],
      remedy: "UPDATE users SET username = replace(username, '@', ' at ')",
    },
  ]);

  test("usernames that are unique whatever their case are unique enough", async () => {
    const database = await createTestDatabase({ sample: "a", users: 0 });
    await database.query(
      "ALTER TABLE users DROP CONSTRAINT users_username_key; CREATE UNIQUE INDEX ON users (lower(username))",
    );
    expect(await findingsWith("username_not_unique", database)).toEqual([]);
  });

  test("hashes are counted by family, and nothing of them is shown", async () => {
    const database = await createTestDatabase({ sample: "a" });
    await database.query(`ALTER TABLE users ADD COLUMN hashed_password text;
      UPDATE users SET hashed_password = CASE id % 3 WHEN 0 THEN '$2b$10$canary' WHEN 1 THEN 'pbkdf2:sha256:1$canary' ELSE 'canary' END`);
    const [finding] = await findingsWith("existing_hashes", database);
    expect(finding?.object).toBe("public.users.hashed_password");
    expect(finding?.message).toContain("200 users");
    expect(finding?.evidence?.answer.split(", ").sort()).toEqual(["bcrypt: 66", "other: 67", "pbkdf2: 67"]);
    expect(JSON.stringify(finding)).not.toContain("canary");
  });

  test("an empty column for hashes is not spoken of", async () => {
    const database = await createTestDatabase({ sample: "a" });
    await database.query("ALTER TABLE users ADD COLUMN password_hash varchar(255)");
    expect(await findingsWith("existing_hashes", database)).toEqual([]);
  });
});
