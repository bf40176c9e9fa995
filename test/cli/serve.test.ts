import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { setTimeout } from "node:timers/promises";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { TEST_SECRET } from "../support/auth.ts";
import { eventually } from "../support/eventually.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { authgraft, start } from "./command-line.ts";

let database: TestDatabase;
const environment = { AUTHGRAFT_SECRET: TEST_SECRET };

beforeAll(async () => {
  database = await createTestDatabase({ sample: "b", grafted: {} });
});

function serveArgs(...args: string[]): string[] {
  return ["serve", "--database-url", database.url, ...args];
}

test("serve refuses a database that is not grafted, and names the command to run: 3", async () => {
  const { url } = await createTestDatabase({ sample: "a" });
  const refused = await authgraft(["serve", "--database-url", url, "--json"], { environment });
  expect(refused.code).toBe(3);
  expect(refused.said).toContain("public.users");
  expect(refused.said).toContain("is not grafted");
  expect(refused.said).toContain("authgraft up");
  expect(refused.json().error.code).toBe("not_grafted");
});

test("serve refuses a secret that is missing, weak or another's, and shows none: 2", async () => {
  const weak = "canary-canary-canary";
  const other = "kJ3v-another-canary-secret-x8Qz-only-for-tests-p5Lw";
  const first = start(serveArgs("--port", "0"), { environment });
  await first.until(/serves sign-in on/);
  first.child.kill("SIGTERM");
  await first.outcome;
  const [missing, short, mismatch] = await Promise.all([
    authgraft(serveArgs()),
    authgraft(serveArgs(), { environment: { AUTHGRAFT_SECRET: weak } }),
    authgraft(serveArgs(), { environment: { AUTHGRAFT_SECRET: other } }),
  ]);
  expect([missing.code, short.code, mismatch.code]).toEqual([2, 2, 2]);
  expect(missing.said).toMatch(/AUTHGRAFT_SECRET is not set\. → Make one with `openssl rand -base64 48`/);
  for (const { stdout, stderr } of [short, mismatch]) expect(stdout + stderr).not.toContain("canary");
});

test("serve says which address is taken: 2", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const { port } = taken.address() as AddressInfo;
  const { code, said } = await authgraft(serveArgs(), {
    environment: { ...environment, PORT: String(port) },
  });
  taken.close();
  expect(code).toBe(2);
  expect(said).toContain(`Cannot listen on 127.0.0.1:${port}: another process listens there.`);
  expect(said).toContain("--port (or PORT)");
});

test("told to stop, serve lets a request that is on its way finish, takes no other, and ends with 0", async () => {
  const server = start(serveArgs("--port", "0"), { environment });
  const [, port] = await server.until(/serves sign-in on http:\/\/localhost:(\d+)/);
  const request = await openRegistration(Number(port));
  server.child.kill("SIGTERM");
  await expectClosed(port);
  request.finish();
  const { code, stdout } = await server.outcome;
  expect(request.answer()).toMatch(/^HTTP\/1\.1 201 /);
  expect([code, stdout]).toEqual([0, "Stopped.\n"]);
  const { rows } = await database.query(
    "SELECT count(*)::int AS open FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'authgraft'",
  );
  expect(rows).toEqual([{ open: 0 }]);
});

test("told to stop a second time, serve does not wait for what does not end: 130", async () => {
  const server = start(serveArgs("--port", "0"), { environment });
  const [, port = ""] = await server.until(/serves sign-in on http:\/\/localhost:(\d+)/);
  await openRegistration(Number(port));
  server.child.kill("SIGINT");
  await expectClosed(port);
  // One that comes within a second is the same Ctrl-C, passed on by npm.
  await setTimeout(1_100);
  server.child.kill("SIGINT");
  expect((await server.outcome).code).toBe(130);
});

/** A request of which the server has all but the end of the body. */
async function openRegistration(port: number): Promise<{ finish(): void; answer(): string }> {
  const body = JSON.stringify({
    email: "newcomer@example.com",
    username: "newcomer",
    display_name: "New Comer",
    password: "a tower of violins",
  });
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  let answer = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    answer += chunk;
  });
  socket.on("error", () => undefined);
  socket.write(
    `POST /v1/auth/register HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body.slice(0, 10)}`,
  );
  // It has arrived once the server has answered another that was sent after it.
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  return { finish: () => void socket.write(body.slice(10)), answer: () => answer };
}

function expectClosed(port: string | undefined): Promise<void> {
  return eventually(() => fetch(`http://127.0.0.1:${port}/healthz`).catch(() => "closed")).toBe("closed");
}
