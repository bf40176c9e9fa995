import { expect, test } from "vitest";
import type { Pool } from "../../src/postgres/client.ts";
import { openAuth } from "../support/auth.ts";
import { eventually } from "../support/eventually.ts";
import { createTestDatabase } from "../support/postgres.ts";

const ADA = { email: "ada@example.com", username: "ada-1815", password: "correct horse" };
const GRACE = { email: "grace@example.com", username: "grace", password: "correct horse" };

test("a database that takes no changes is not ready, writes are told to come back, and no connection to it is kept", async () => {
  const database = await createTestDatabase({ sample: "a", grafted: {} });
  const { token } = (await (await openAuth(database)).post("/v1/auth/register", ADA)).body;
  const pool = database.pool();
  const auth = await openAuth(database, { pool: pool satisfies Pool });
  await database.query(`ALTER DATABASE ${database.name} SET default_transaction_read_only = on`);
  await database.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
  );
  await eventually(() => pool.totalCount).toBe(0);

  for (const ask of [
    () => auth.post("/v1/auth/login", { email: ADA.email, password: ADA.password }),
    () => auth.post("/v1/auth/register", GRACE),
    () => auth.post("/v1/auth/logout", undefined, { token }),
    () => auth.get("/readyz"),
  ]) {
    const answer = await ask();
    expect(answer).toMatchObject({ status: 503, body: { code: "database_unreachable" } });
    expect(answer.headers.get("retry-after")).toBe("1");
    await eventually(() => pool.totalCount).toBe(0);
  }

  const client = await database.client();
  await client.query("SET default_transaction_read_only = off");
  await client.query(`ALTER DATABASE ${database.name} RESET default_transaction_read_only`);
  expect((await auth.get("/readyz")).status).toBe(200);
  expect((await auth.post("/v1/auth/register", GRACE)).status).toBe(201);
  expect((await auth.post("/v1/auth/logout", undefined, { token })).status).toBe(204);
});
