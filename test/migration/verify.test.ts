import { describe, expect, test } from "vitest";
import { parseConfiguration } from "../../src/config/parse.ts";
import { assertGrafted } from "../../src/migration/assert-grafted.ts";
import { down } from "../../src/migration/down.ts";
import { status } from "../../src/migration/status.ts";
import { up } from "../../src/migration/up.ts";
import { type Verification, verify } from "../../src/migration/verify.ts";
import { createTestDatabase } from "../support/postgres.ts";

function told({ findings }: Verification): string[] {
  return findings
    .filter(({ code }) => !["statistics_hidden", "prepared_select_star", "usernames_with_at"].includes(code))
    .map(({ code, object, severity }) => `${severity} ${code} ${object}`);
}

/** What happens to a graft behind Authgraft's back, what `verify` tells, and whether `up` puts it right. */
const BEHIND_ITS_BACK: readonly (readonly [sql: string, tells: readonly string[]])[] = [
  ["DROP INDEX users_email_authgraft_idx", ["refusal journal_disagrees users-email-index"]],
  ["ALTER TABLE users DROP COLUMN is_admin", ["refusal journal_disagrees users-columns"]],
  ["DROP TABLE authgraft.signing_keys", ["refusal journal_disagrees signing-keys"]],
  [
    "ALTER TABLE authgraft.sessions DROP CONSTRAINT sessions_user_id_fkey",
    ["refusal journal_disagrees foreign-keys"],
  ],
];

describe("verify", () => {
  test("finds nothing on a database that is grafted, and says one sentence where there is no graft", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const options = { databaseUrl: database.url };
    const pending = await verify(options);
    expect(pending.ok).toBe(false);
    expect(told(pending)).toEqual(["refusal not_grafted public.users"]);
    const { steps } = await status(options);
    await up({ ...options, to: "users-columns" });
    const missing = told(await verify(options)).filter((line) => line.startsWith("refusal"));
    expect(missing).toEqual(steps.slice(2).map(({ id }) => `refusal step_pending ${id}`));
    await up(options);
    expect(told(await verify(options))).toEqual([]);
    expect((await verify(options)).ok).toBe(true);
  });

  test("tells what somebody took out, which the journal says was done; up puts it back", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const options = { databaseUrl: database.url };
    for (const [sql, tells] of BEHIND_ITS_BACK) {
      await database.query(sql);
      const verification = await verify(options);
      expect(verification.ok, sql).toBe(false);
      expect(told(verification), sql).toEqual(tells);
      expect((await up(options)).state, sql).toBe("applied");
      expect(told(await verify(options)), sql).toEqual([]);
    }
  });

  test("tells what stands although the journal says that it was taken out", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const options = { databaseUrl: database.url };
    await down({ ...options, step: true });
    expect(told(await verify(options))).toEqual(["refusal step_pending foreign-keys"]);
    await database.query(`
      ALTER TABLE revoked_tokens ADD FOREIGN KEY (user_id) REFERENCES users ON UPDATE CASCADE ON DELETE SET NULL;
      ALTER TABLE authgraft.accounts ADD FOREIGN KEY (user_id) REFERENCES users ON UPDATE CASCADE ON DELETE CASCADE;
      ALTER TABLE authgraft.sessions ADD FOREIGN KEY (user_id) REFERENCES users ON UPDATE CASCADE ON DELETE CASCADE;
      ALTER TABLE authgraft.one_time_tokens ADD FOREIGN KEY (user_id) REFERENCES users ON UPDATE CASCADE ON DELETE CASCADE`);
    expect(told(await verify(options))).toEqual(["refusal journal_disagrees foreign-keys"]);
  });

  test("tells what does not belong in the schema, which stops nothing but down", async () => {
    const database = await createTestDatabase({ sample: "a", grafted: {} });
    const options = { databaseUrl: database.url };
    await database.query("CREATE TABLE authgraft.notes (); CREATE TYPE authgraft.mood AS ENUM ('fine')");
    const verification = await verify(options);
    expect(told(verification)).toEqual([
      "warning stranger_in_schema authgraft.notes",
      "warning stranger_in_schema authgraft.type authgraft.mood",
    ]);
    expect(verification.ok).toBe(true);
  });
});

describe("a server on a database (A11)", () => {
  test("that is not grafted, or not wholly, is told what is missing and what to run", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const client = await database.client();
    await client.query("SET search_path = pg_catalog");
    const ask = () => assertGrafted(client, parseConfiguration({}));
    await expect(ask()).rejects.toMatchObject({
      code: "not_grafted",
      message: expect.stringMatching(
        /^The table public\.users in the database \S+ is not grafted\. Missing: graft-schema, /,
      ),
      fix: expect.stringContaining("authgraft up"),
    });
    await up({ databaseUrl: database.url, to: "revocation-feed" });
    await expect(ask()).rejects.toMatchObject({ message: expect.stringMatching(/Missing: foreign-keys\.$/) });
    await up({ databaseUrl: database.url });
    expect((await ask()).hadPasswordHashes).toBe(false);
    await database.query("ALTER TABLE users DROP COLUMN password_hash");
    await expect(ask()).rejects.toMatchObject({
      message: expect.stringMatching(/Missing: users-columns\.$/),
    });
  });

  test("that held password hashes before the graft is told so", async () => {
    const database = await createTestDatabase({ sample: "a" });
    await database.query("ALTER TABLE users ADD COLUMN password_hash varchar(255)");
    await up({ databaseUrl: database.url });
    const client = await database.client();
    await client.query("SET search_path = pg_catalog");
    expect((await assertGrafted(client, parseConfiguration({}))).hadPasswordHashes).toBe(true);
  });
});
