import { expect, onTestFinished, test } from "vitest";
import { serve } from "../../../src/cli/serve.ts";
import { serveOperator } from "../../../src/cli/serve-operator.ts";
import { parseConfiguration } from "../../../src/config/parse.ts";
import { ADMIN_KEY, BY_KEY } from "../../support/admin.ts";
import { TEST_SECRET } from "../../support/auth.ts";
import { eventually } from "../../support/eventually.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres.ts";

const settings = (database: TestDatabase) => ({
  ...{ databaseUrl: database.url, migrationDatabase: database.url, adminQueryDatabase: database.url },
  ...{ adminApiKey: ADMIN_KEY, configuration: parseConfiguration({ port: 0 }) },
});

/** Connections are broken when the grace has passed: whoever is answered was interrupted before. */
async function post(url: string, path: string, body: object): Promise<Response> {
  const headers = { ...BY_KEY, "content-type": "application/json" };
  return fetch(`${url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
}

const SLEEP = { query: "SET statement_timeout = 0; SELECT pg_sleep(600), 'canary of the grace'" };

async function untilSleeping(database: TestDatabase): Promise<void> {
  const sleeping = async () =>
    (
      await database.query(
        "SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%canary of the grace%' AND pid <> pg_backend_pid()",
      )
    ).rowCount;
  await eventually(sleeping).toBe(1);
}

test("84. a server that stops interrupts a query of an operator's at once, and answers it", async () => {
  const database = await createTestDatabase({ sample: "a", grafted: {} });
  const logger = { info() {}, warn() {}, error() {} };
  const server = await serve({ ...settings(database), secret: TEST_SECRET, logger });
  onTestFinished(() => server.close());
  const answer = post(server.url, "/admin/query", SLEEP);
  await untilSleeping(database);
  await server.close();
  expect((await answer).status).toBe(422);
  expect(await (await answer).json()).toMatchObject({ sqlstate: "57014" });
});

test("84. so does a server for its operator alone, and answers a migration", async () => {
  const database = await createTestDatabase({ sample: "a" });
  const server = await serveOperator(settings(database));
  onTestFinished(() => server.close());
  const holder = await database.client();
  await holder.query("BEGIN; LOCK TABLE users IN ACCESS SHARE MODE");
  const query = post(server.url, "/admin/query", SLEEP);
  const migration = post(server.url, "/admin/migrations/up", {});
  await untilSleeping(database);
  const progress = async () => {
    const status = await fetch(`${server.url}/admin/migrations`, { headers: BY_KEY });
    return ((await status.json()) as { run: { progress: unknown } | null }).run?.progress;
  };
  await eventually(progress).toEqual(expect.any(String));
  await server.close();
  expect((await query).status).toBe(422);
  expect(await (await migration).json()).toMatchObject({
    status: 503,
    detail: expect.stringContaining("Interrupted; the steps that were done stand."),
  });
});
