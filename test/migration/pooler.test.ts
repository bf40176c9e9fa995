import { expect, test } from "vitest";
import { down } from "../../src/migration/down.ts";
import { inspect } from "../../src/migration/status.ts";
import { up } from "../../src/migration/up.ts";
import { isTransactionPooled } from "../../src/postgres/pooler.ts";
import { createTestDatabase } from "../support/postgres.ts";
import { observe } from "../support/round-trip.ts";
import { TransactionPooler } from "../support/transaction-pooler.ts";

test("behind a pooler in transaction mode up and down refuse, change nothing, and say what to do", async () => {
  const database = await createTestDatabase({ sample: "a" });
  const observer = await observe(database);
  const before = await observer.whole();
  const pooler = await TransactionPooler.start(database.url);
  try {
    // The pooler of this test does what a pooler does: an open transaction keeps its connection, nothing else does.
    const [one, two] = [await database.client(pooler.url), await database.client(pooler.url)];
    const pid = async (client: typeof one) =>
      (await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")).rows[0]?.pid;
    expect(await pid(one)).toBe(await pid(two));
    expect(await isTransactionPooled(one, () => database.client(pooler.url))).toBe(true);
    await Promise.all([one.end(), two.end()]);

    for (const change of [up, down]) {
      await expect(change({ databaseUrl: pooler.url })).rejects.toMatchObject({
        code: "configuration_invalid",
        message: expect.stringContaining("is a connection pooler in transaction mode"),
        fix: expect.stringContaining("leads to PostgreSQL directly"),
      });
    }
    expect(await observer.whole()).toEqual(before);
    expect((await inspect({ databaseUrl: pooler.url })).plan.state).toBe("pending");
  } finally {
    await pooler.stop();
  }
});

test("a direct connection is not taken for one", async () => {
  const database = await createTestDatabase();
  const client = await database.client();
  expect(await isTransactionPooled(client, () => database.client())).toBe(false);
});
