import { beforeAll, beforeEach, expect, test } from "vitest";
import { auditPurge } from "../../src/cli/commands/audit-purge.ts";
import { createTerminal } from "../../src/cli/terminal.ts";
import { parseConfiguration } from "../../src/config/parse.ts";
import { graft } from "../support/graft.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { authgraft } from "./command-line.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ sample: "a" });
  await graft(database);
});

beforeEach(async () => {
  await database.query(
    `TRUNCATE authgraft.audit_log;
     INSERT INTO authgraft.audit_log (event, occurred_at)
     SELECT 'login', now() - n * interval '1 day' FROM generate_series(1, 400) n`,
  );
});

const run = (...args: string[]) =>
  authgraft(["audit", "purge", ...args, "--database-url", database.url, "--json"]);

async function left(): Promise<number | null> {
  return (await database.query("SELECT FROM authgraft.audit_log")).rowCount;
}

test("deletes what is older than the configuration keeps, or than it is told", async () => {
  const first = await run();
  expect([first.code, first.json()]).toEqual([0, { state: "purged", older_than_days: 365, rows: 36 }]);
  const second = await run("--older-than", "30");
  expect(second.json()).toEqual({ state: "purged", older_than_days: 30, rows: 335 });
  expect(await left()).toBe(29);
});

test("says to a person what it did", async () => {
  const args = ["audit", "purge", "--older-than", "399", "--database-url", database.url];
  expect((await authgraft(args)).stdout).toBe(
    "Done: deleted 2 events older than 399 days from the audit log.\n",
  );
  expect((await authgraft(args)).stdout).toBe(
    "Nothing to purge: the audit log holds nothing older than 399 days.\n",
  );
});

test("no number of days, or none that can be: 2", async () => {
  const wrong = await Promise.all(["0", "36501", "-1", "canary"].map((days) => run("--older-than", days)));
  expect(wrong.map((one) => [one.code, one.json().error.code])).toEqual(
    wrong.map(() => [2, "usage_invalid"]),
  );
  expect(await left()).toBe(400);
});

/** What the command is given by `createProgram`. */
function contextOf(input: Parameters<typeof parseConfiguration>[0], databaseUrl = database.url) {
  return {
    ...{ databaseUrl, configuration: parseConfiguration(input), environment: {} },
    ...{ terminal: createTerminal(), json: false, yes: false, signal: new AbortController().signal },
  };
}

test("a log that is kept for ever is purged only by who says how much of it", async () => {
  const forever = contextOf({ audit: { retentionDays: null } });
  await expect(auditPurge(forever, {})).rejects.toMatchObject({ code: "usage_invalid" });
  expect((await auditPurge(forever, { olderThan: 400 })).json).toMatchObject({ rows: 1 });
});

test("that is interrupted says how far it got", async () => {
  const context = { ...contextOf({}), signal: AbortSignal.abort() };
  await expect(auditPurge(context, {})).rejects.toMatchObject({
    code: "interrupted",
    message: "Interrupted; 0 events are deleted.",
  });
});

test("by the server's own role it is refused, and says whose it is", async () => {
  const own = await createTestDatabase({ sample: "b" });
  const role = await own.createRole("server");
  await graft({ url: own.superuserUrl }, { serverRole: role.name });
  await own.query("INSERT INTO authgraft.audit_log (event, occurred_at) VALUES ('login', '1815-12-10')");
  const context = contextOf({ serverRole: role.name }, own.urlFor(role));
  await expect(auditPurge(context, {})).rejects.toMatchObject({
    code: "refused",
    fix: expect.stringContaining("Connect as the role that authgraft up is run with"),
  });
  expect((await own.query("SELECT FROM authgraft.audit_log")).rowCount).toBe(1);
});
