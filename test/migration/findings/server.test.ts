import { describe, expect, test } from "vitest";
import { createTestDatabase } from "../../support/postgres.ts";
import { type Case, findingsOf, findingsWith, testCases } from "./support.ts";

describe("what the role may not do", () => {
  test("each missing right is named with the GRANT that gives it, and they lead to a plan", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const migrator = await database.createRole("migrator");
    const superuser = await database.client(database.superuserUrl);
    await superuser.query(
      "REVOKE CREATE ON SCHEMA public FROM PUBLIC; ALTER SCHEMA public OWNER TO postgres; REVOKE ALL ON SCHEMA public FROM app_owner",
    );
    const url = database.urlFor(migrator);
    const missing = async () =>
      (await findingsOf(database, { url })).filter(({ severity }) => severity === "refusal");

    const first = await missing();
    expect(first.map(({ code }) => code)).toEqual([
      "not_owner",
      "no_create_in_schema",
      "no_create_in_schema",
      "no_create_in_database",
    ]);
    expect(first[0]).toMatchObject({
      object: "public.users",
      fix: `GRANT "app_owner" TO "${migrator.name}";`,
    });
    for (const { fix } of first.slice(1)) await superuser.query(fix);
    expect((await missing()).map(({ code }) => code)).toEqual(["not_owner"]);
    await superuser.query(first[0]?.fix ?? "");
    expect(await missing()).toEqual([]);
  });

  test("no right in the database is needed where the graft's schema stands", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const migrator = await database.createRole("migrator");
    const superuser = await database.client(database.superuserUrl);
    await superuser.query(`CREATE SCHEMA authgraft AUTHORIZATION app_owner;
      GRANT CREATE ON SCHEMA public TO "${migrator.name}"`);
    const url = database.urlFor(migrator);
    expect(await findingsWith("no_create_in_database", database, { url })).toEqual([]);
    expect(await findingsWith("not_owner", database, { url })).toHaveLength(1);
  });

  test("what others do is hidden from an ordinary role", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const migrator = await database.createRole("migrator");
    const superuser = await database.client(database.superuserUrl);
    await superuser.query(`GRANT app_owner TO "${migrator.name}"`);
    const url = database.urlFor(migrator);
    const [finding] = await findingsWith("statistics_hidden", database, { url });
    expect(finding?.fix).toBe(`GRANT pg_read_all_stats TO "${migrator.name}";`);
    await superuser.query(finding?.fix ?? "");
    expect(await findingsWith("statistics_hidden", database, { url })).toEqual([]);
  });
});

describe("a database that takes no change", () => {
  test.for(["DATABASE", "ROLE", "ROLE IN DATABASE"] as const)("by a setting of the %s", async (level) => {
    const database = await createTestDatabase({ sample: "a" });
    const migrator = await database.createRole("migrator");
    const superuser = await database.client(database.superuserUrl);
    await superuser.query(`GRANT app_owner TO "${migrator.name}"`);
    const whom = {
      DATABASE: `DATABASE ${database.name}`,
      ROLE: `ROLE "${migrator.name}"`,
      "ROLE IN DATABASE": `ROLE "${migrator.name}" IN DATABASE ${database.name}`,
    }[level];
    await superuser.query(`ALTER ${whom} SET default_transaction_read_only = true`);
    const url = database.urlFor(migrator);
    const [finding] = await findingsWith("server_read_only", database, { url });
    expect(finding).toMatchObject({ severity: "refusal", acceptable: false, object: database.name });
    expect(finding?.fix.replaceAll('"', "")).toBe(
      `SET default_transaction_read_only = off;\nALTER ${whom.replaceAll('"', "")} RESET default_transaction_read_only;`,
    );
    const fixer = await database.client(database.superuserUrl);
    for (const statement of finding?.fix.split("\n") ?? []) await fixer.query(statement);
    expect(await findingsWith("server_read_only", database, { url })).toEqual([]);
  });
});

describe("hashes in the server's log", () => {
  const alter = (setting: string) =>
    `DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET ${setting}', current_database()); END$$`;
  const base = { severity: "warning", as: "superuser", alone: true } as const;
  const cases: Case[] = [
    {
      ...base,
      name: "rows that break a constraint",
      code: "log_keeps_failed_rows",
      object: "log_error_verbosity",
      plant: alter("log_error_verbosity = verbose"),
      tells: ["password_hash included", "64 bytes"],
    },
    {
      ...base,
      name: "parameters of slow statements",
      code: "log_keeps_parameters",
      object: "log_parameter_max_length",
      plant: alter("log_min_duration_statement = 0"),
      tells: ["values of their parameters"],
    },
    {
      ...base,
      name: "parameters of failed statements",
      code: "log_keeps_parameters",
      object: "log_parameter_max_length_on_error",
      plant: alter("log_parameter_max_length_on_error = -1"),
      tells: ["failed statements"],
    },
  ];
  testCases(cases);

  test("a failed row really shows the hash to whoever gets the error, all of one by bcrypt", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const hash = `$2b$10$${"h".repeat(53)}`;
    await database.query("ALTER TABLE users ADD COLUMN password_hash varchar(255)");
    const failed = database.query("UPDATE users SET password_hash = $1, username = NULL WHERE id = 1", [
      hash,
    ]);
    await expect(failed).rejects.toMatchObject({ detail: expect.stringContaining(hash) });
  });
});

describe("who holds the table at the moment", () => {
  test("a transaction that is open on it for long, and the fix ends it", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const holder = await database.client(`${database.url}?application_name=nightly`);
    await holder.query("BEGIN; SELECT count(*) FROM users");
    const { rows } = await holder.query<{ pid: number }>("SELECT pg_backend_pid() AS pid, pg_sleep(1.1)");
    const [finding] = await findingsWith("long_transaction", database);
    expect(finding).toMatchObject({
      severity: "warning",
      object: `process ${rows[0]?.pid}`,
      message: expect.stringContaining("nightly"),
    });
    expect(finding?.message).toContain("idle in transaction");
    await database.query(finding?.fix ?? "");
    await expect.poll(() => findingsWith("long_transaction", database)).toEqual([]);
  });

  test("the same is seen of another role, but not for how long", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const holder = await database.client(database.superuserUrl);
    await holder.query("BEGIN; SELECT count(*) FROM users");
    const [finding] = await findingsWith("long_transaction", database);
    expect(finding?.message).toMatch(/^Process \d+ has public\.users in an open transaction: up has to wait/);
    await holder.query("ROLLBACK");
    expect(await findingsWith("long_transaction", database)).toEqual([]);
  });

  test("a transaction that was prepared and forgotten", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const gid = `forgotten's ${database.name}`;
    await database.query(
      `BEGIN; UPDATE users SET username = username WHERE id = 1; PREPARE TRANSACTION '${gid.replaceAll("'", "''")}'`,
    );
    const [finding] = await findingsWith("prepared_transaction", database);
    expect(finding).toMatchObject({ severity: "warning", object: gid });
    await database.query(/ROLLBACK PREPARED .*/.exec(finding?.fix ?? "")?.[0] ?? "");
    expect(await findingsWith("prepared_transaction", database)).toEqual([]);
  });
});
