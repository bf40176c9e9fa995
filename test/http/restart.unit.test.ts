import { afterAll, beforeAll, expect, test } from "vitest";
import { openMixedLoad } from "../../bench/http/mixed-load.ts";
import { type Application, fillApplication } from "../../bench/tokens/application.ts";
import { clock } from "../../bench/tokens/clock.ts";
import { type OutageServer, startOutageServer } from "../../bench/tokens/outage-server.ts";
import { type RunningServer, serve } from "../../src/cli/serve.ts";
import { parseConfiguration } from "../../src/config/parse.ts";
import { eventually } from "../support/eventually.ts";

let postgres: OutageServer;
let application: Application;
let server: RunningServer;
const logs: string[] = [];

beforeAll(async () => {
  postgres = await startOutageServer();
  application = await fillApplication(postgres.url);
  const note = (details: object, message: string) => void logs.push(JSON.stringify({ ...details, message }));
  server = await serve({
    databaseUrl: application.url,
    secret: application.secret,
    configuration: parseConfiguration({
      port: 0,
      passwords: { rehash: "never", hashing: { niceness: 0, longestWaitSeconds: 60 } },
    }),
    logger: { info: note, warn: note, error: note },
  });
});

afterAll(async () => {
  await server?.close();
  await postgres?.remove();
});

const isReady = async () => (await fetch(`${server.url}/readyz`)).status;

test("82. PostgreSQL restarted under a hundred requests a second: 503 while it is away, nobody is let in or sent away who cannot be judged, and all is well after", async () => {
  const { emails, password } = application;
  const load = await openMixedLoad(
    server.url.replace("localhost", "127.0.0.1"),
    emails.slice(0, 10),
    password,
  );
  load.begin();
  await eventually(isReady).toBe(200);
  await postgres.take("stopped");
  const gone = clock();
  await eventually(isReady).toBe(503);
  await eventually(() => load.answered().filter(({ sent }) => sent >= gone).length).toBeGreaterThan(30);
  const returning = clock();
  await postgres.bringBack("stopped");
  await eventually(isReady).toBe(200);
  const ready = clock();
  const servedAfter = () => load.answered().filter(({ sent, status }) => sent > ready && status === 200);
  await eventually(() => new Set(servedAfter().map(({ kind }) => kind)).size).toBe(4);
  const asked = await load.end();

  const meanwhile = asked.filter(({ sent, settled }) => sent >= gone && settled < returning);
  expect(meanwhile.length).toBeGreaterThan(20);
  expect(new Set(meanwhile.map(({ status }) => status))).toEqual(new Set([503]));
  const statuses = new Set(asked.map(({ status }) => status));
  expect(statuses).toEqual(new Set([200, 503]));
  expect(logs.join("\n")).not.toMatch(/uncaught|unhandled/i);
});
