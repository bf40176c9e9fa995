import { expect, test } from "vitest";
import { acquireAdvisoryLock } from "../../src/postgres/advisory-lock.ts";
import { createTestDatabase } from "../support/postgres.ts";

const AT_ONCE = { timeout: 0 };

/** Takes the lock in a database of its own; returns what takes it there once more, and the process that holds it. */
async function held() {
  const database = await createTestDatabase();
  const [holder, second] = [await database.client(), await database.client()];
  expect(await acquireAdvisoryLock(holder, "authgraft", AT_ONCE)).toBe(true);
  const { rows } = await holder.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return { pid: rows[0]?.pid, second };
}

// Whoever is told of another database's run may end that one.
test("whoever waits for a lock is told who holds it in this database, whatever is held in another one", async () => {
  const databases = [await held(), await held(), await held()];
  for (const { pid, second } of databases) {
    const told: string[] = [];
    const enough = new AbortController();
    const onWait = (holder: string) => {
      told.push(holder);
      enough.abort();
    };
    const waiting = acquireAdvisoryLock(second, "authgraft", {
      timeout: 60_000,
      signal: enough.signal,
      onWait,
    });
    await expect(waiting).rejects.toThrow("aborted");
    expect(told).toEqual([expect.stringContaining(`pid ${pid} (`)]);
  }
});
