import { connect } from "node:net";
import { hashSync } from "@node-rs/bcrypt";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type RunningServer, serve } from "../../src/cli/serve.ts";
import { parseConfiguration } from "../../src/config/parse.ts";
import type { ConfigurationInput } from "../../src/config/schema.ts";
import type { Pool } from "../../src/postgres/client.ts";
import { openAuth, TEST_SECRET } from "../support/auth.ts";
import { eventually } from "../support/eventually.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { watchPool } from "../support/watched-pool.ts";

const PASSWORD = "correct horse";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ sample: "b", grafted: {} });
  await database.query(
    `INSERT INTO users (username, display_name, email, password_hash)
     SELECT 'p' || n, 'p', 'p' || n || '@example.com', $1 FROM generate_series(1, 20) n`,
    [hashSync(PASSWORD, { cost: 10 })],
  );
  // Keeps a thread busy for long enough to be seen at it.
  await database.query(
    `INSERT INTO users (username, display_name, email, password_hash) VALUES ('slow', 's', 'slow@example.com', $1)`,
    [hashSync(PASSWORD, { cost: 13 })],
  );
  await database.query(
    `INSERT INTO users (username, display_name, email, password_hash)
     VALUES ('costly', 'c', 'costly@example.com', '$argon2id$v=19$m=8388608,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc')`,
  );
});

const NARROW: ConfigurationInput = {
  passwords: { rehash: "never", hashing: { threads: 1, queue: 10, queuePerAddress: 2 } },
  metrics: true,
};

/** Hands out nobody's account before so many were looked up, so that all of them come to hashing at once. */
function meetingPool(count: number): Pool {
  const pool = watchPool(database.pool({ max: count + 2 }), {});
  const all = Promise.withResolvers<void>();
  let found = 0;
  return {
    ...pool,
    query: async (text, values) => {
      const result = await pool.query(text, values);
      if (!text.includes("stored_hash")) return result as never;
      found += 1;
      if (found === count) all.resolve();
      await all.promise;
      return result as never;
    },
  };
}

const login = (email: string, signal?: AbortSignal) =>
  new Request("http://localhost/v1/auth/login", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email, password: PASSWORD }),
    ...(signal === undefined ? {} : { signal }),
  });

describe("a storm of logins", () => {
  test("from one address is refused with 503 and Retry-After, and another address signs in", async () => {
    const auth = await openAuth(database, { configuration: NARROW, pool: meetingPool(13) });
    const from = (address: string, number: number) =>
      auth.fetch(login(`p${number}@example.com`), { address });
    const storm = Array.from({ length: 12 }, (_, number) => from("192.0.2.1", number + 1));
    const other = from("192.0.2.2", 20);
    const answers = await Promise.all(storm);
    expect((await other).status).toBe(200);
    const refused = answers.filter(({ status }) => status === 503);
    // One is worked on, two may wait; another one may have its turn while the last come in.
    expect(refused.length).toBeGreaterThanOrEqual(7);
    expect(Number(refused[0]?.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(await refused[0]?.json()).toMatchObject({ code: "overloaded" });
    expect(answers.filter(({ status }) => status === 200).length).toBe(12 - refused.length);
  });

  test("on one account from everywhere leaves the others their turn", async () => {
    const configuration: ConfigurationInput = {
      passwords: { rehash: "never", hashing: { threads: 1, queuePerAccount: 1 } },
    };
    const auth = await openAuth(database, { configuration, pool: meetingPool(7) });
    const storm = Array.from({ length: 6 }, (_, number) =>
      auth.fetch(login("Slow@example.com"), { address: `192.0.2.${number}` }),
    );
    const other = auth.fetch(login("p2@example.com"), { address: "198.51.100.1" });
    expect((await other).status).toBe(200);
    const statuses = (await Promise.all(storm)).map(({ status }) => status);
    const served = statuses.filter((status) => status === 200).length;
    // One is worked on and one may wait; where the other account came before all of them, one waits.
    expect([1, 2]).toContain(served);
    expect(statuses.filter((status) => status === 503)).toHaveLength(6 - served);
  });

  test("whose clients went away costs no hashing", async () => {
    const auth = await openAuth(database, { configuration: NARROW });
    const gone = new AbortController();
    const first = auth.fetch(login("slow@example.com"), { address: "192.0.2.1" });
    await eventually(() => auth.metrics()).toMatch(/authgraft_hashing_threads\{state="working"\} 1/);
    const waiting = auth.fetch(login("p2@example.com", gone.signal), { address: "192.0.2.2" });
    await eventually(() => auth.metrics()).toMatch(/authgraft_hashing_waiting\{lane="interactive"\} 1/);
    gone.abort();
    await waiting;
    await first;
    const figures = await auth.metrics();
    expect(figures).toContain("authgraft_hashing_abandoned_total 1");
    expect(figures).toContain('authgraft_hashing_work_seconds_count{kind="verify"} 1');
  });

  test("over sockets that are closed costs no hashing either", async () => {
    const server = await start({ ...NARROW, port: 0 });
    const metrics = async () => (await fetch(`${server.url}/metrics`)).text();
    const send = (name: string) => {
      const body = JSON.stringify({ email: `${name}@example.com`, password: PASSWORD });
      const socket = connect(server.port, "127.0.0.1");
      socket.write(
        `POST /v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      return socket;
    };
    send("slow");
    await eventually(metrics).toMatch(/state="working"\} 1/);
    const sockets = [send("p1"), send("p2")];
    await eventually(metrics).toMatch(/authgraft_hashing_waiting\{lane="interactive"\} 2/);
    for (const socket of sockets) socket.destroy();
    await eventually(metrics).toMatch(/authgraft_hashing_abandoned_total 2/);
  });

  test("is let finish by a server that closes, as far as it is being worked on", async () => {
    const auth = await openAuth(database, { configuration: NARROW });
    const running = auth.fetch(login("slow@example.com"));
    await eventually(() => auth.metrics()).toMatch(/state="working"\} 1/);
    // The database outlives the hashing, not the answer: what the login says afterwards is not its hash's fault.
    await auth.close();
    expect([200, 503]).toContain((await running).status);
    expect((await auth.fetch(login("p2@example.com"))).status).toBe(503);
  });
});

async function start(configuration: ConfigurationInput): Promise<RunningServer> {
  const server = await serve({
    databaseUrl: database.url,
    secret: TEST_SECRET,
    configuration: parseConfiguration(configuration),
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  onTestFinished(() => server.close());
  return server;
}

describe("GET /metrics", () => {
  test("is not there unless the configuration asks for it", async () => {
    expect((await (await openAuth(database)).get("/metrics")).status).toBe(404);
  });

  test("tells what hashing does, and names nobody", async () => {
    const auth = await openAuth(database, { configuration: NARROW });
    await auth.fetch(login("p1@example.com"), { address: "192.0.2.77" });
    await auth.post("/v1/auth/login", { email: "costly@example.com", password: PASSWORD });
    const { text, headers } = await auth.get("/metrics");
    expect(headers.get("content-type")).toContain("text/plain");
    expect(text).toContain('authgraft_hashing_work_seconds_count{kind="verify"} 2');
    expect(text).toContain('authgraft_hashing_wait_seconds_count{lane="interactive"}');
    // A hash beyond its format's bounds was counted, and the login failed like any other.
    expect(text).toContain('authgraft_unverifiable_hashes_total{fault="too-costly"} 1');
    expect(text).not.toMatch(/example\.com|192\.0\.2|\$argon2/);
  });
});
