import { createServer, Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { openAuth, type TestAuth } from "../support/auth.ts";
import { eventually } from "../support/eventually.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

const ADA = { email: "ada@example.com", username: "ada-1815", password: "correct horse" };

/** ReadyForQuery, idle: the last message of a login. */
const READY = Buffer.from("Z\0\0\0\x05I", "latin1");

/** ErrorResponse, as pg_terminate_backend sends it. */
function terminated(): Buffer {
  const fields = Buffer.from("SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0", "latin1");
  const head = Buffer.from("E\0\0\0\0", "latin1");
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

interface Relay {
  readonly url: string;
  /** How many connections from now on are terminated in the very moment they are made. */
  terminating: number;
}

/** Stands before PostgreSQL; where it terminates, the client reads that in the same packet as its login. */
async function relayTo(target: string): Promise<Relay> {
  const url = new URL(target);
  const { hostname, port } = url;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = new Socket().connect(Number(port), hostname);
    for (const socket of [client, upstream]) sockets.add(socket.on("error", () => undefined));
    upstream.on("close", () => client.destroy());
    client.on("close", () => upstream.destroy()).on("data", (data) => upstream.write(data));
    upstream.on("data", (data) => {
      const ends = relay.terminating > 0 && data.subarray(-READY.length).equals(READY);
      if (!ends) return client.write(data);
      relay.terminating -= 1;
      return client.end(Buffer.concat([data, terminated()]));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  url.port = String(typeof address === "object" ? address?.port : "");
  const relay: Relay = { url: url.href, terminating: 0 };
  return relay;
}

/** What would have ended a process that does not listen as this test does. */
function watchForCrashes(): Error[] {
  const crashes: Error[] = [];
  const others = process.listeners("uncaughtException");
  const note = (error: Error) => void crashes.push(error);
  process.removeAllListeners("uncaughtException").on("uncaughtException", note);
  onTestFinished(() => {
    process.off("uncaughtException", note);
    for (const other of others) process.on("uncaughtException", other);
  });
  return crashes;
}

async function grafted(): Promise<TestDatabase> {
  const database = await createTestDatabase({ sample: "a", grafted: {} });
  return database;
}

const terminateAll = (database: TestDatabase) =>
  database.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name IN ('authgraft', 'an application')`,
  );

async function expectToSurvive(database: TestDatabase, relay: Relay, auth: TestAuth): Promise<void> {
  const crashes = watchForCrashes();
  const { token } = (await auth.post("/v1/auth/register", ADA)).body;
  for (let round = 0; round < 5; round += 1) {
    relay.terminating = 2;
    await terminateAll(database);
    const answers = await Promise.all([1, 2, 3].map(() => auth.get("/v1/users/me", { token })));
    expect([200, 503]).toEqual(expect.arrayContaining([...new Set(answers.map(({ status }) => status))]));
  }
  relay.terminating = 0;
  await eventually(async () => (await auth.get("/v1/users/me", { token })).status).toBe(200);
  expect(crashes).toEqual([]);
}

describe("connections that are terminated in the moment they are made end no process", () => {
  test("where the pool is Authgraft's own", async () => {
    const database = await grafted();
    const relay = await relayTo(database.url);
    await expectToSurvive(database, relay, await openAuth({ ...database, url: relay.url }));
  });

  test("where the pool is the application's, and had connections before", async () => {
    const database = await grafted();
    const relay = await relayTo(database.url);
    const url = `${relay.url}?application_name=an+application`;
    const pool = database.pool({ url });
    await pool.query("SELECT 1");
    await expectToSurvive(database, relay, await openAuth(database, { pool }));
  });
});
