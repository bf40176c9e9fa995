import { expect, test } from "vitest";
import { down } from "../../src/migration/down.ts";
import { inspect } from "../../src/migration/status.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { ProgressListener } from "../support/progress.ts";

test("a table of the graft's own is dropped without making sign-in wait behind a request for it", async () => {
  const database = await createTestDatabase({ sample: "a", grafted: {} });
  const options = { databaseUrl: database.url };
  const report = await database.client();
  await report.query("BEGIN; SELECT count(*) FROM authgraft.signing_keys");
  const server = await database.client();
  await server.query("SET lock_timeout = '20s'");
  const progress = new ProgressListener();
  const stuck = progress.next(`waiting for a moment on "authgraft"."signing_keys"`);
  const running = down({ ...options, onProgress: progress.onProgress });
  running.catch(() => undefined);
  await stuck;
  for (let round = 0; round < 3; round++) {
    await progress.next("waiting for a moment");
    await server.query("SELECT count(*) FROM authgraft.signing_keys");
  }
  await report.query("COMMIT");
  expect(await running).toMatchObject({ state: "pending", refusals: [] });
});

test("the lock that a plan prints is the one on the users table: dropping the graft's own tables is none", async () => {
  const database = await createTestDatabase({ sample: "a", grafted: {} });
  const { plan } = await inspect({ databaseUrl: database.url });
  const locks = Object.fromEntries(plan.steps.map(({ id, lock }) => [id, lock]));
  expect(locks).toMatchObject({ sessions: "NONE", accounts: "NONE", "revoked-tokens": "NONE" });
  expect(locks["users-columns"]).toBe("ACCESS EXCLUSIVE");
});
