import { once } from "node:events";
import { connect, type Socket } from "node:net";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type RunningServer, serve } from "../../src/cli/serve.ts";
import { parseConfiguration } from "../../src/config/parse.ts";
import { TEST_SECRET } from "../support/auth.ts";
import { eventually } from "../support/eventually.ts";
import { createTestDatabase } from "../support/postgres.ts";

const logs: string[] = [];
let server: RunningServer;

beforeAll(async () => {
  const database = await createTestDatabase({ sample: "a", grafted: {} });
  server = await serve({
    databaseUrl: database.url,
    secret: TEST_SECRET,
    configuration: parseConfiguration({ port: 0 }),
    logger: pino({ base: null }, { write: (line: string) => void logs.push(line) }),
  });
});
afterAll(() => server.close());

interface Raw {
  readonly socket: Socket;
  readonly received: () => string;
}

async function open(): Promise<Raw> {
  const socket = connect(server.port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  let received = "";
  socket
    .on("error", () => undefined)
    .on("data", (data) => {
      received += data.toString();
    });
  await once(socket, "connect");
  return { socket, received: () => received };
}

const lines = (...headers: string[]) => `${headers.join("\r\n")}\r\n\r\n`;

async function ask(request: string): Promise<string> {
  const { socket, received } = await open();
  socket.write(request);
  await eventually(() => received()).toMatch(/\}$/);
  return received();
}

describe("a request that the Fetch API has no words for", () => {
  test.each([
    ["a Host that is none", lines("GET /healthz HTTP/1.1", "Host: a b")],
    ["no target of its own", lines("OPTIONS * HTTP/1.1", "Host: localhost")],
  ])("with %s is a problem like any other, and is logged", async (_, request) => {
    const before = logs.length;
    const answer = await ask(request);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/content-type: application\/problem\+json/i);
    expect(answer).toMatch(/x-content-type-options: nosniff/i);
    expect(answer).toContain('"code":"request_invalid"');
    expect(logs.slice(before).map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ level: 30, status: 400 }),
    ]);
  });

  test.each([
    ["HTTP/1.0, as health checks speak it,", lines("GET /healthz HTTP/1.0")],
    ["HTTP/1.1 with an empty Host", lines("GET /healthz HTTP/1.1", "Host:")],
  ])("but %s is served without a name", async (_, request) => {
    expect(await ask(request)).toMatch(/^HTTP\/1\.1 200 .*"status":"ok"/s);
  });
});

describe("a body", () => {
  const head = (...headers: string[]) =>
    lines("POST /v1/auth/login HTTP/1.1", "Host: localhost", "Content-Type: application/json", ...headers);

  test.each([
    ["whose length is said", head("Content-Length: 1000000"), "x"],
    ["that never ends", head("Transfer-Encoding: chunked"), `400\r\n${" ".repeat(1_024)}\r\n`],
  ])("that is too large and %s closes the connection", async (_, start, more) => {
    const { socket, received } = await open();
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.write(start);
    const sending = setInterval(() => socket.write(more), 1);
    onTestFinished(() => clearInterval(sending));
    await closed;
    expect(received()).toMatch(/^HTTP\/1\.1 413 .*"code":"body_too_large"/s);
    expect(received()).toMatch(/connection: close/i);
  });

  test.each([
    ["by its length", head("Content-Length: 100"), '{"username":'],
    ["in chunks", head("Transfer-Encoding: chunked"), '5\r\n{"use\r\n'],
  ])("that is broken off and was sent %s is no error of the server", async (_, start, part) => {
    const before = logs.length;
    const broken = () =>
      logs
        .slice(before)
        .map((line) => JSON.parse(line))
        .filter(({ aborted }) => aborted);
    const { socket } = await open();
    socket.write(start + part);
    // It has arrived once the server has answered another that was sent after it.
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    socket.destroy();
    await eventually(broken).toMatchObject([{ level: 30, status: 400 }]);
  });
});
