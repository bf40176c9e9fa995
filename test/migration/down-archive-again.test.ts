import { describe, expect, test } from "vitest";
import { archiveStatements } from "../../src/migration/archive/archive-sql.ts";
import { down } from "../../src/migration/down.ts";
import { inspect } from "../../src/migration/status.ts";
import { up } from "../../src/migration/up.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { ProgressListener } from "../support/progress.ts";
import { addSignInData } from "../support/sign-in-data.ts";

const SIGN_IN = "UPDATE users SET password_hash = 'newer' WHERE id = 1";

async function grafted(): Promise<TestDatabase> {
  const database = await createTestDatabase({ sample: "a", grafted: {} });
  await addSignInData(database, "a");
  return database;
}

/** A `down --archive` that ends while a report holds this table. */
async function stopped(database: TestDatabase, held: string, how: "interrupted" | "lock_timeout") {
  const report = await database.client();
  await report.query(`BEGIN; SELECT count(*) FROM ${held}`);
  const progress = new ProgressListener();
  const stuck = progress.next("waiting for a moment");
  const stop = new AbortController();
  const running = down({
    databaseUrl: database.url,
    archive: true,
    onProgress: progress.onProgress,
    signal: stop.signal,
    ...(how === "interrupted" ? {} : { configuration: { lock: { deadlineSeconds: 1.5 } } }),
  });
  running.catch(() => undefined);
  await stuck;
  if (how === "interrupted") stop.abort();
  const error: unknown = await running.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: how });
  return {
    error: error as Error & { readonly fix: string },
    lines: progress.lines,
    endReport: () => report.query("COMMIT"),
  };
}

async function archives(database: TestDatabase): Promise<number> {
  const { rowCount } = await database.query("SELECT FROM pg_namespace WHERE nspname = 'authgraft_archive'");
  return rowCount ?? 0;
}

async function everything(database: TestDatabase) {
  const { rows } = await database.query(`
    SELECT (SELECT jsonb_agg(to_jsonb(u) - 'updated_at' ORDER BY id) FROM users u) AS users,
      (SELECT jsonb_agg(to_jsonb(s) ORDER BY id) FROM authgraft.sessions s) AS sessions,
      (SELECT jsonb_agg(to_jsonb(a) ORDER BY user_id) FROM authgraft.accounts a) AS accounts,
      (SELECT jsonb_agg(to_jsonb(r) - 'id' ORDER BY jti) FROM revoked_tokens r) AS revoked`);
  return rows[0];
}

describe.each(["interrupted", "lock_timeout"] as const)("down --archive that ends with %s", (how) => {
  test("before its first step can be run again, with what came meanwhile", async () => {
    const database = await grafted();
    const options = { databaseUrl: database.url };
    const { endReport } = await stopped(database, "users", how);
    expect(await archives(database)).toBe(0);
    await database.query(SIGN_IN);
    const data = await everything(database);
    await endReport();
    expect(await down({ ...options, archive: true })).toMatchObject({ state: "pending", refusals: [] });
    expect((await up({ ...options, restore: true })).restored).toMatchObject({ complete: true });
    expect(await everything(database)).toEqual(data);
  });

  test("after its first step keeps its fence, and can be run again", async () => {
    const database = await grafted();
    const options = { databaseUrl: database.url };
    const data = await everything(database);
    const { error, endReport } = await stopped(database, "authgraft.signing_keys", how);
    if (how === "lock_timeout") {
      expect(error.message).toContain("what it held is in the schema authgraft_archive: the fence stands");
      expect(error.fix).toContain("authgraft down --archive goes on from there");
    }
    await expect(database.query(SIGN_IN)).rejects.toMatchObject({ code: "55000" });
    await endReport();
    const refused = await down(options);
    expect(refused.refusals.map(({ code }) => code)).toEqual(["data_would_be_lost", "fence_left"]);
    expect(await down({ ...options, archive: true })).toMatchObject({ state: "pending", refusals: [] });
    expect((await up({ ...options, restore: true })).restored).toMatchObject({ complete: true });
    expect(await everything(database)).toEqual(data);
  });
});

describe("an archive in the making", () => {
  test("is told of part by part, and searches no list anew for every user", async () => {
    const database = await grafted();
    const { situation } = await inspect({ databaseUrl: database.url });
    const copy = archiveStatements(situation).find(({ sql }) =>
      sql.includes(`"authgraft_archive"."users" AS`),
    );
    const plan = await database.query<{ "QUERY PLAN": string }>(
      `EXPLAIN ${copy?.sql.replace(/^CREATE TABLE \S+ AS /, "")}`,
    );
    const lines = plan.rows.map((row) => row["QUERY PLAN"]).join("\n");
    expect(lines).not.toContain("SubPlan");
    expect(lines).toContain("Join");

    const progress = new ProgressListener();
    await down({ databaseUrl: database.url, archive: true, onProgress: progress.onProgress });
    expect(progress.lines.join("\n")).toMatch(/copying what is kept of the users in public.users .*: 5 rows/);
    expect(progress.lines).toContain("copying sessions: 3 rows");
  });
});
