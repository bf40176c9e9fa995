import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { SILENT } from "../../src/accounts/logger.ts";
import { type RunningServer, serve } from "../../src/cli/serve.ts";
import { parseConfiguration } from "../../src/config/parse.ts";
import { TEST_SECRET } from "../support/auth.ts";
import { eventually } from "../support/eventually.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";

const ADA = { email: "ada@example.com", username: "ada-1815", password: "correct horse" };

async function grafted(sample: "a" | "b" = "a"): Promise<TestDatabase> {
  const database = await createTestDatabase({ sample, grafted: {} });
  return database;
}

async function start(
  database: TestDatabase,
  settings: { port?: number; host?: string } = {},
): Promise<RunningServer> {
  const configuration = parseConfiguration({ port: 0, ...settings });
  const server = await serve({
    databaseUrl: database.url,
    secret: TEST_SECRET,
    configuration,
    logger: SILENT,
  });
  onTestFinished(() => server.close());
  return server;
}

function post(server: { url: string }, path: string, body?: object, token?: string): Promise<Response> {
  return fetch(`${server.url}${path}`, {
    method: "POST",
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Makes a logout wait for a lock, and gives back what lets it go on. */
async function holdLogouts(database: TestDatabase): Promise<() => Promise<unknown>> {
  const client = await database.client();
  await client.query("BEGIN; LOCK TABLE revoked_tokens IN EXCLUSIVE MODE");
  return () => client.query("COMMIT");
}

const isWaiting = (database: TestDatabase) =>
  eventually(
    async () =>
      (
        await database.query(
          "SELECT FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND relation = 'revoked_tokens'::regclass AND datname = current_database()",
        )
      ).rowCount,
  ).toBe(1);

async function connections(database: TestDatabase): Promise<number | null> {
  return (
    await database.query(
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'authgraft'",
    )
  ).rowCount;
}

describe("the server", () => {
  test("answers over HTTP, two of them in one process on two databases (B15)", async () => {
    const databases = [await grafted("a"), await grafted("b")];
    const servers = await Promise.all(databases.map((database) => start(database)));
    const answers = await Promise.all([
      post(servers[0] as RunningServer, "/v1/auth/register", ADA),
      post(servers[1] as RunningServer, "/v1/auth/register", {
        ...ADA,
        email: "grace@navy.example",
        display_name: "Grace",
      }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(parseConfiguration({}).port).toBe(8080);
    expect(servers.every(({ url, port }) => url === `http://localhost:${port}`)).toBe(true);
  });

  test("says who else is on its port, and leaves no connection behind", async () => {
    const database = await grafted();
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    await expect(start(database, { port })).rejects.toMatchObject({
      code: "address_unavailable",
      message: `Cannot listen on 127.0.0.1:${port}: another process listens there.`,
    });
    other.close();
    await expect(start(database, { host: "192.0.2.1" })).rejects.toMatchObject({
      code: "address_unavailable",
    });
    await eventually(() => connections(database)).toBe(0);
  });

  test("is not started without a secret, or without a graft", async () => {
    const database = await createTestDatabase({ sample: "a" });
    const configuration = parseConfiguration({ port: 0 });
    for (const secret of [[], ""]) {
      const starting = serve({ databaseUrl: database.url, secret, configuration });
      await expect(starting).rejects.toMatchObject({
        code: "secret_weak",
        fix: expect.stringContaining("AUTHGRAFT_SECRET"),
      });
    }
    await expect(start(database)).rejects.toMatchObject({ code: "not_grafted" });
  });

  test("that is closed lets requests finish, takes no more, and ends its connections (84)", async () => {
    const database = await grafted();
    const server = await start(database);
    const { token } = (await (await post(server, "/v1/auth/register", ADA)).json()) as { token: string };
    const release = await holdLogouts(database);
    const inFlight = post(server, "/v1/auth/logout", undefined, token);
    await isWaiting(database);
    const closing = server.close();
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
    await release();
    expect((await inFlight).status).toBe(204);
    await closing;
    await eventually(() => connections(database)).toBe(0);
  });
});

test.each(["SIGTERM", "SIGINT"] as const)(
  "authgraft serve lets requests finish on %s and exits with 0 (84)",
  async (signal) => {
    const database = await grafted();
    const main = join(import.meta.dirname, "../../src/cli/main.ts");
    const child = spawn(process.execPath, [main, "serve", "--database-url", database.url, "--port", "0"], {
      env: { ...process.env, AUTHGRAFT_SECRET: TEST_SECRET },
      stdio: ["ignore", "pipe", "pipe"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => {
        printed += chunk;
      });
    }
    await eventually(() => printed).toMatch(/http:\/\/localhost:\d+/);
    const server = { url: /http:\/\/localhost:\d+/.exec(printed)?.[0] ?? "" };
    const { token } = (await (await post(server, "/v1/auth/register", ADA)).json()) as { token: string };
    const release = await holdLogouts(database);
    const inFlight = post(server, "/v1/auth/logout", undefined, token);
    await isWaiting(database);
    child.kill(signal);
    await eventually(() =>
      fetch(`${server.url}/healthz`).then(
        () => "open",
        () => "closed",
      ),
    ).toBe("closed");
    await release();
    expect((await inFlight).status).toBe(204);
    const [code] = await once(child, "exit");
    expect(code).toBe(0);
    expect(printed).not.toContain(ADA.password);
  },
);
